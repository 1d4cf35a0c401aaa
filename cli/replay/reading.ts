import { CLI_BOUNDS } from '../bounds.ts';
import { OperatorError } from '../operator-error.ts';
import type { ReadChange, ReadImage } from '../stream/topic-record.ts';

/** What a source gave. Each record that was read is in exactly one of the three. */
export interface Reading {
  readonly changes: readonly ReadChange[];
  /** Records that claim to be changes and are not whole: said, and never sent. */
  readonly poison: readonly string[];
  /** Deletions and foreign items: nothing to deliver. */
  readonly others: number;
  /** Of a range: seqs that neither the archive nor the stream has. */
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
    `That is more than one replay holds (${CLI_BOUNDS.PLAN_RECORDS} records, ${CLI_BOUNDS.PLAN_BYTES} bytes). Nothing was sent: choose a narrower range.`,
  );
}
