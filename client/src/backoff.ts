/**
 * The bounds of a growing pause: the first is at most `baseMs`, each next at most twice as long, none longer than
 * `capMs`.
 */
export interface BackoffBounds {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * Returns the pause in ms after failure number `failure` (from 0). The pause is random between 0 and its limit (full
 * jitter), so that clients that failed together do not retry together.
 */
export function backoffMs({ baseMs, capMs }: BackoffBounds, failure: number, random: () => number): number {
  return random() * Math.min(capMs, baseMs * 2 ** failure);
}
