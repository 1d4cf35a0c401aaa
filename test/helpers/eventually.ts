import { setImmediate as nextTurn } from 'node:timers/promises';

/** Waits until the condition holds; the test's own timeout is the limit. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}
