/**
 * The time in ms for which a client of a test waits for an answer, 5 minutes. Half a minute, its default, is not enough
 * where the processes of three tests share a slow machine.
 */
export const REQUEST_TIMEOUT_MS = 300_000;
