import { RuntimeSetupError } from '../model.ts';

/** Receives what the runtime does not support. Throws it, unless it is to be passed over. */
export type PassOver = (error: RuntimeSetupError) => void;

/** Throws: nothing is passed over. */
export const refuseAll: PassOver = (error) => {
  throw error;
};

/** Returns the result of a function; undefined where it throws something that is passed over. */
export function attempt<Result>(run: () => Result, passOver: PassOver): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RuntimeSetupError)) throw error;
    passOver(error);
    return undefined;
  }
}
