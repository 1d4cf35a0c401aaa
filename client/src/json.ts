import { RealtimeError } from './realtime-error.ts';

/**
 * Returns a value as JSON. Throws a `RealtimeError` for a value that JSON cannot express, such as a BigInt or a cycle.
 * A value that JSON leaves out, as undefined or a function, gives undefined.
 */
export function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new RealtimeError('bad-frame', 'The data cannot be expressed as JSON.', { cause });
  }
}

/** Returns the size of a text in bytes of UTF-8. */
export const bytesOf = (text = ''): number => new TextEncoder().encode(text).length;

/** Creates the error of data or a frame over the limit. */
export const tooLargeError = (what: string, limit: number): RealtimeError =>
  new RealtimeError('too-large', `${what} is over ${limit} bytes as JSON. Nothing was sent.`);
