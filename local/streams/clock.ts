/** A clock, passed as a dependency. */
export interface StreamClock {
  /** Returns the time in epoch ms. */
  readonly now: () => number;
  /** Calls back once after `delayMs`. The returned function cancels the call. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
}

/** The clock of the machine. */
export const systemStreamClock: StreamClock = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A pause of one loop, which other code can end early. One waiter at a time. */
export interface Pause {
  /** Waits for the delay or until `end`. Without a delay, waits until `end`. */
  readonly wait: (delayMs?: number) => Promise<void>;
  /** Ends the current wait. Without one it has no effect, so the loop must check its state before it waits. */
  readonly end: () => void;
}

/** Creates the pause of one loop. */
export function createPause(clock: StreamClock): Pause {
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
