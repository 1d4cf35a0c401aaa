/** Time as a dependency. */
export interface Clock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A pause of one loop that others can end early. One waiter at a time. */
export interface Pause {
  /** Without a delay it lasts until `end`. */
  readonly wait: (delayMs?: number) => Promise<void>;
  /** Ends the wait under way; without one it does nothing, so the loop must look at its state before it waits. */
  readonly end: () => void;
}

/** Makes the pause of one loop. */
export function createPause(clock: Clock): Pause {
  let end: (() => void) | undefined;
  const wait = (delayMs?: number): Promise<void> =>
    new Promise((resolve) => {
      const finish = (): void => {
        end = undefined;
        cancel?.();
        resolve();
      };
      end = finish;
      const cancel = delayMs === undefined ? undefined : clock.after(delayMs, finish);
    });
  return { wait, end: () => end?.() };
}
