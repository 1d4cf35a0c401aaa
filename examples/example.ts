/** The input of an example. */
export interface ExampleContext {
  readonly url: string;
  /** The words after the name of the example. */
  readonly words: readonly string[];
  /** The number of messages after which the example ends. */
  readonly count: number | undefined;
  readonly by: number | undefined;
  /** Aborted when the example must end. */
  readonly stop: AbortSignal;
}

/** An example: a function that resolves when it has ended. */
export type Example = (context: ExampleContext) => Promise<void>;

/** A mistake in the command line. Printed in one line, with exit code 1. */
export class ExampleUsageError extends Error {
  override readonly name = 'ExampleUsageError';
}

/** Resolves when `stop` is aborted. */
export function stopped(stop: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (stop.aborted) resolve();
  stop.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
