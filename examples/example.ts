/** What an example is given. */
export interface ExampleContext {
  readonly url: string;
  /** What stands after its name. */
  readonly words: readonly string[];
  /** End after so many messages. */
  readonly count: number | undefined;
  readonly by: number | undefined;
  /** Aborted when the example has to end. */
  readonly stop: AbortSignal;
}

/** Resolves when the example has ended. */
export type Example = (context: ExampleContext) => Promise<void>;

/** A mistake of the person at the terminal: one line and exit 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Resolves when `stop` is aborted. */
export function stopped(stop: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (stop.aborted) resolve();
  stop.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
