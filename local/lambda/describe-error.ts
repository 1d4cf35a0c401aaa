import { format } from 'node:util';
import type { RuntimeError } from './runtime-messages.ts';

/** Returns an error in the form of Lambda's runtime client, whatever was thrown. */
export function describeError(error: unknown): RuntimeError {
  try {
    if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
    return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
  } catch {
    // The error's own getters or its toString threw. The message is Lambda's, word for word.
    const problem = 'there was a problem while retrieving one or more of its message, name, and stack';
    return { errorType: 'handled', errorMessage: `callback called with Error argument, but ${problem}`, trace: [] };
  }
}

/** Returns a thrown value as one text. */
export function describeText(value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message}` : format(value);
}
