/** Bounds of the loads that the cost meter accepts. docs/limits.md lists each. */
export const COST_BOUNDS = {
  /** Largest number of concurrent connections that `--connections` accepts. A larger one is refused. */
  CONNECTIONS: 100_000_000,
  /**
   * Largest rate in publishes a second, of all clients together, that `--publishes` accepts. A larger one is refused.
   */
  PUBLISHES_PER_SECOND: 1_000_000,
  /**
   * Largest number of messages a frame that `--batch` accepts. A larger one is refused; messages past 32 KB do not
   * count.
   */
  MESSAGES_PER_FRAME: 1_000,
  /** Largest time in hours that `--retention` accepts: that of the setting, a year. A larger one is refused. */
  RETENTION_HOURS: 8_760,
} as const;
