import type { ChildProcess } from 'node:child_process';
import { BENCH_BOUNDS } from '../bounds.ts';

/** Reads all that a process says, so that its pipes never fill, and keeps the end of it. */
export function outputTail({ stdout, stderr }: Pick<ChildProcess, 'stdout' | 'stderr'>): () => string {
  let tail = '';
  for (const stream of [stdout, stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      tail = `${tail}${chunk.toString()}`.slice(-BENCH_BOUNDS.OUTPUT);
    });
  }
  return () => tail;
}
