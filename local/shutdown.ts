/** What was started, to be ended in the reverse order. */
export interface Shutdown {
  /** Remembers how to end what was just started. Where all has been ended already, that is ended at once. */
  readonly add: (stop: () => Promise<unknown>) => Promise<void>;
  /** Ends everything; the first error is thrown when all the rest has ended as well. */
  readonly run: () => Promise<void>;
  /** What fails from then on fails because it is being ended. */
  readonly hasRun: () => boolean;
}

/** Collects what has to be ended; a start that is interrupted halfway ends what it had, and what comes late. */
export function createShutdown(): Shutdown {
  const stops: (() => Promise<unknown>)[] = [];
  let hasRun = false;
  return {
    hasRun: () => hasRun,
    add: async (stop) => {
      if (hasRun) await stop();
      else stops.push(stop);
    },
    run: async () => {
      hasRun = true;
      const errors: unknown[] = [];
      for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
        await stop().catch((error: unknown) => errors.push(error));
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}
