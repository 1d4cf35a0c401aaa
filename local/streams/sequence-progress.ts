/** The progress through a shard's records, which several lanes finish out of order. */
export interface SequenceProgress {
  /** Adds a record that was read at a time in epoch ms. Records are added in the order of the shard. */
  readonly read: (streamSequenceNumber: string, atMs: number) => void;
  /** Marks a record as done. */
  readonly finish: (streamSequenceNumber: string) => void;
  /** Returns the last sequence number up to which everything is done. */
  readonly checkpoint: () => string | undefined;
  /** Returns the time in epoch ms at which the first record that is not done was read; undefined without one. */
  readonly waitingSinceMs: () => number | undefined;
  /** Returns the number of records since the checkpoint, done or not, which the read-ahead bounds. */
  readonly span: () => number;
}

/**
 * The number of finished records at the head of the list at which they are cut off. Each cut copies the rest of the
 * list.
 */
const COMPACT_AFTER = 1_024;

/** Creates the progress of one shard. */
export function createSequenceProgress(): SequenceProgress {
  let waiting: string[] = [];
  let readAtMs: number[] = [];
  let head = 0;
  let checkpoint: string | undefined;
  const finished = new Set<string>();
  const advance = (): void => {
    for (let next = waiting[head]; next !== undefined && finished.delete(next); next = waiting[head]) {
      checkpoint = next;
      head += 1;
    }
    if (head < COMPACT_AFTER) return;
    waiting = waiting.slice(head);
    readAtMs = readAtMs.slice(head);
    head = 0;
  };
  return {
    read: (streamSequenceNumber, atMs) => {
      waiting.push(streamSequenceNumber);
      readAtMs.push(atMs);
    },
    finish: (streamSequenceNumber) => {
      finished.add(streamSequenceNumber);
      advance();
    },
    checkpoint: () => checkpoint,
    waitingSinceMs: () => readAtMs[head],
    span: () => waiting.length - head,
  };
}
