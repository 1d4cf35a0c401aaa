export interface RateLimit {
  /** When a call that is ready at this time may go out. */
  readonly admit: (atMs: number) => number;
}

/** A token bucket that is full to begin with. Calls wait for it instead of being refused: the best that a quota allows. */
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
