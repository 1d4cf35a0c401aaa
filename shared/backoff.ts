import { setTimeout as sleep } from 'node:timers/promises';

export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/** What waits and how random it is; a test brings its own. */
export interface Waiting {
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly random: () => number;
}

export const realWaiting: Waiting = { sleep, random: Math.random };

/**
 * Waits before retry number `retry` (from 1): up to `baseMs` before the first, doubled with each, never over `capMs`.
 * Full jitter, so that those who collided once do not collide again.
 */
export const backOff = (retry: number, { baseMs, capMs }: Backoff, waiting: Waiting = realWaiting): Promise<unknown> =>
  waiting.sleep(waiting.random() * Math.min(capMs, baseMs * 2 ** (retry - 1)));
