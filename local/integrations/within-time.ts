import { createContext, Script } from 'node:vm';

/**
 * Time in ms after which the evaluation of a template or a model ends with an error, 1,000. Both run in the process of
 * the runtime, whose every connection waits meanwhile: a regular expression on a client's text must not hold them all.
 *
 * @limit operator
 */
const EVALUATION_MS = 1_000;

const SCRIPT = new Script('run()');
const CONTEXT = createContext({ run: (): void => undefined });

/** Runs something synchronous. Throws if it takes too long, wherever it is then. */
export function withinTime<T>(run: () => T): T {
  const results: T[] = [];
  Reflect.set(CONTEXT, 'run', () => void results.push(run()));
  try {
    SCRIPT.runInContext(CONTEXT, { timeout: EVALUATION_MS });
  } catch (cause) {
    const isLate = Object(cause).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    throw isLate ? new Error(`its evaluation takes over ${EVALUATION_MS} ms`, { cause }) : cause;
  }
  const [result] = results;
  if (result === undefined) throw new Error('an evaluation has no result');
  return result;
}
