/** How pauses grow: the first is at most `baseMs`, each next at most twice as long, none longer than `capMs`. */
export interface BackoffBounds {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * The pause after failure number `failure` (from 0): anything up to its limit («full jitter»), so that clients that failed
 * together do not come back together.
 */
export function backoffMs({ baseMs, capMs }: BackoffBounds, failure: number, random: () => number): number {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(failure, MAX_DOUBLINGS));
}

/** Past this the cap holds anyway, and the power stays a small number. */
const MAX_DOUBLINGS = 16;
