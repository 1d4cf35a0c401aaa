/** The length in ms of the interval that a cursor counts. */
const INTERVAL_MS = 20_000;

/** The beginning of the first interval: 9 October 2024. */
const FIRST_MS = Date.UTC(2024, 9, 9);

/** The greatest number of seconds that a cursor is put forward by. */
const JITTER_SECONDS = 3_600;

/** The clock and the randomness of cursors. */
export interface CursorDeps {
  readonly now: () => number;
  readonly random: () => number;
}

/**
 * Returns the cursor of a live answer: the number of the interval, and always more than the client sent, so that no
 * cache answers two polls with the same nothing.
 */
export function cursorOf({ now, random }: CursorDeps, sent: string | null): string {
  const current = Math.floor((now() - FIRST_MS) / INTERVAL_MS);
  const known = sent !== null && /^\d{1,15}$/.test(sent) ? Number(sent) : -1;
  if (known < current) return String(current);
  const ahead = 1 + Math.floor((random() * JITTER_SECONDS * 1_000) / INTERVAL_MS);
  return String(known + ahead);
}
