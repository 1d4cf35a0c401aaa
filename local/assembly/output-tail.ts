import type { Readable } from 'node:stream';

/** What is kept of a child's output: enough for the message that it ended with. */
const TAIL_MAXIMUM_LENGTH = 16_384;

/** Reads streams to their end, lest a child that says much block, and keeps the last of what they said. */
export function outputTail(streams: readonly (Readable | null)[]): () => string {
  let tail = '';
  for (const stream of streams) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      tail = (tail + chunk).slice(-TAIL_MAXIMUM_LENGTH);
    });
  }
  return () => tail;
}
