import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

/** Deadline in ms of a wait: below jest's own limit, so that a test that waits in vain says for what it waited. */
const GIVE_UP_MS = 110_000;

/** The number of looks that follow each other at once, in the turns of the event loop. */
const QUICK_LOOKS = 100;

/** Longest time in ms between two looks. A condition is often about another process, which needs the processor. */
const LOOK_MS = 20;

/** The condition of a wait. False, or an error such as that of a failing `expect`, means not yet. */
type Condition = () => boolean | void | Promise<boolean | void>;

/** Waits until a condition holds. In vain, it throws with what was waited for and what was seen last. */
export async function eventually(condition: Condition, what = String(condition)): Promise<void> {
  const deadlineMs = performance.now() + GIVE_UP_MS;
  for (let looks = 1; ; looks += 1) {
    const failure = await failureOf(condition);
    if (failure === undefined) return;
    if (performance.now() > deadlineMs) throw new Error(`It never came to this: ${what}\n${failure}`);
    await (looks < QUICK_LOOKS ? nextTurn() : sleep(Math.min(LOOK_MS, looks / QUICK_LOOKS)));
  }
}

/** Returns what is wrong, as a text; undefined when the condition holds. */
async function failureOf(condition: Condition): Promise<string | undefined> {
  try {
    return (await condition()) === false ? 'The condition was false.' : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : inspect(error);
  }
}
