import type { Readable } from 'node:stream';

/** The number of characters kept of a child's output, 16,384: enough for its last error message. */
const TAIL_MAXIMUM_LENGTH = 16_384;

/**
 * Reads streams to their end, so that a child with much output does not block. Returns a function that returns the last
 * characters.
 */
export function outputTail(streams: readonly (Readable | null)[]): () => string {
  let tail = '';
  for (const stream of streams) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      tail = (tail + chunk).slice(-TAIL_MAXIMUM_LENGTH);
    });
  }
  return () => tail;
}
