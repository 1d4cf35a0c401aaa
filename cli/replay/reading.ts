import { CLI_BOUNDS } from '../bounds.ts';
import { OperatorError } from '../operator-error.ts';
import type { ReadChange, ReadImage } from '../stream/topic-record.ts';

/** The records of a source. Each is in exactly one of `changes`, `poison` and `others`. */
export interface Reading {
  readonly changes: readonly ReadChange[];
  /** Malformed changes, as `topic: reason`. They are reported and never sent. */
  readonly poison: readonly string[];
  /** The number of deletions and foreign items, which deliver nothing. */
  readonly others: number;
  /** The seqs of a range that neither the archive nor the stream has. */
  readonly missing: readonly number[];
}

/** Collects records, within the bounds of one replay. Throws OperatorError past them, before anything is sent. */
export async function collect(records: AsyncIterable<ReadImage> | Iterable<ReadImage>): Promise<Reading> {
  const changes: ReadChange[] = [];
  const poison: string[] = [];
  let [others, bytes, read] = [0, 0, 0];
  for await (const record of records) {
    read += 1;
    if (record.kind === 'change') changes.push({ head: record.head, image: record.image });
    if (record.kind === 'poison') poison.push(`${record.topic}: ${record.reason}`);
    if (record.kind === 'other') others += 1;
    bytes += record.kind === 'change' && record.head.kind === 'message' ? record.head.message.length : 0;
    checkBounds(read, bytes);
  }
  return { changes, poison, others, missing: [] };
}

function checkBounds(records: number, bytes: number): void {
  if (records <= CLI_BOUNDS.PLAN_RECORDS && bytes <= CLI_BOUNDS.PLAN_BYTES) return;
  throw new OperatorError(
    `The selection is larger than one replay may be (${CLI_BOUNDS.PLAN_RECORDS} records, ${CLI_BOUNDS.PLAN_BYTES} bytes). Nothing was sent: choose a narrower range.`,
  );
}
