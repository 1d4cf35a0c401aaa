import { BOUNDS } from './bounds.ts';

/**
 * The pause before reconnect number `attempt` (from 0): anything up to a limit that doubles («full jitter»), so that clients
 * that were cut off together do not come back together.
 */
export function reconnectDelayMs(attempt: number, random: () => number): number {
  const limitMs = BOUNDS.RECONNECT_BASE_MS * 2 ** Math.min(attempt, MAX_DOUBLINGS);
  return random() * Math.min(BOUNDS.RECONNECT_CAP_MS, limitMs);
}

/** Past this the cap holds anyway, and the power stays a small number. */
const MAX_DOUBLINGS = 16;
