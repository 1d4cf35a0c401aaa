import { setImmediate as nextTurn } from 'node:timers/promises';

/** Below jest's own limit, so that a test that waits in vain ends instead of spinning on. */
const GIVE_UP_MS = 50_000;

/** Waits until the condition holds. */
export async function eventually(condition: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + GIVE_UP_MS;
  while (!condition()) {
    if (Date.now() > deadlineMs) throw new Error(`Never came true: ${condition.toString()}`);
    await nextTurn();
  }
}
