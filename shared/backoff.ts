import { setTimeout as sleep } from 'node:timers/promises';

/** The bounds of a backoff in ms. */
export interface Backoff {
  /** Upper bound of the wait before the first retry; doubled with each further one. */
  readonly baseMs: number;
  /** Upper bound of every wait. */
  readonly capMs: number;
}

/** The functions by which a backoff waits and chooses a random time. Tests replace them. */
export interface Waiting {
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly random: () => number;
}

/** The real timer and `Math.random`. */
export const realWaiting: Waiting = { sleep, random: Math.random };

/**
 * Waits before retry number `retry` (from 1): a random time up to `baseMs`, doubled with each retry, at most `capMs`.
 * Full jitter spreads callers that collided, so that they do not collide again.
 */
export const backOff = (retry: number, { baseMs, capMs }: Backoff, waiting: Waiting = realWaiting): Promise<unknown> =>
  waiting.sleep(waiting.random() * Math.min(capMs, baseMs * 2 ** (retry - 1)));
