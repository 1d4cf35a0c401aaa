/** Most that the cost meter is asked for; past it the command line is refused. Each stands in docs/limits.md too. */
export const COST_BOUNDS = {
  /** Connections at once. */
  CONNECTIONS: 100_000_000,
  /** Publishes a second, all publishers together. */
  PUBLISHES_PER_SECOND: 1_000_000,
  /** Messages that one frame carries. */
  MESSAGES_PER_FRAME: 1_000,
} as const;
