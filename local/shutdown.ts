/** What was started, to be ended in the reverse order. */
export interface Shutdown {
  readonly add: (stop: () => Promise<unknown>) => void;
  /** Ends everything; the first error is thrown when all the rest has ended as well. */
  readonly run: () => Promise<void>;
}

/** Collects what has to be ended; a start that fails halfway ends what it had. */
export function createShutdown(): Shutdown {
  const stops: (() => Promise<unknown>)[] = [];
  return {
    add: (stop) => void stops.push(stop),
    run: async () => {
      const errors: unknown[] = [];
      for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
        await stop().catch((error: unknown) => errors.push(error));
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}
