/** A quota on calls. */
export interface RateLimit {
  /** Returns the time at which a call that is ready at `atMs` is admitted. */
  readonly admit: (atMs: number) => number;
}

/**
 * Creates a token bucket that is full at the start. Calls wait instead of being refused: the best that a quota allows.
 */
export function createRateLimit(perSecond: number, burst: number): RateLimit {
  const intervalMs = 1_000 / perSecond;
  const slackMs = burst * intervalMs;
  let dueMs = Number.NEGATIVE_INFINITY;
  return {
    admit: (atMs) => {
      const admittedMs = Math.max(atMs, dueMs - slackMs);
      dueMs = Math.max(dueMs, admittedMs) + intervalMs;
      return admittedMs;
    },
  };
}
