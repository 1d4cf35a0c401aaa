import { RECONNECT_BASE_MS } from '../../client/src/bounds.ts';

/** The random number that the scenario gives to the client: the share of the upper bound that each pause takes. */
export const PAUSE_SHARE = 0.2;

/** Precision in ms of timers: they may fire a moment early. */
const EARLY_MS = 5;

/** A pause that is longer by this time in ms was none: the client waited for the deadline of opening a connection. */
const LATE_MS = 8_000;

/** Returns what is wrong with the times of the attempts to connect, or undefined. */
export function paceFault(attemptsMs: readonly number[], expected: number): string | undefined {
  if (attemptsMs.length !== expected) return `${attemptsMs.length} attempts, where ${expected} were expected`;
  for (let index = 1; index < attemptsMs.length; index += 1) {
    const actual = (attemptsMs[index] ?? 0) - (attemptsMs[index - 1] ?? 0);
    const pause = PAUSE_SHARE * RECONNECT_BASE_MS * 2 ** (index - 1);
    if (actual < pause - EARLY_MS || actual > pause + LATE_MS) {
      return `attempt ${index + 1} came after ${Math.round(actual)} ms, where about ${pause} ms were expected`;
    }
  }
  return undefined;
}
