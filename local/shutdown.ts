/** The stop functions of all started parts, run in reverse order. */
export interface Shutdown {
  /** Adds the stop function of a started part. If everything has been stopped already, calls it at once. */
  readonly add: (stop: () => Promise<unknown>) => Promise<void>;
  /** Stops everything. Throws the first error after all other parts have stopped as well. */
  readonly run: () => Promise<void>;
  /** Returns whether the shutdown has begun. Errors after that are caused by it. */
  readonly hasRun: () => boolean;
}

/**
 * Creates an empty shutdown. An interrupted start stops the parts it had started, and those that finish starting later.
 */
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
