/** The progress through a shard's records, which several lanes finish out of order. */
export interface SequenceProgress {
  /** Adds a record that was read. Records are added in the order of the shard. */
  readonly read: (streamSequenceNumber: string) => void;
  /** Marks a record as done. */
  readonly finish: (streamSequenceNumber: string) => void;
  /** Returns the last sequence number up to which everything is done. */
  readonly checkpoint: () => string | undefined;
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
    head = 0;
  };
  return {
    read: (streamSequenceNumber) => void waiting.push(streamSequenceNumber),
    finish: (streamSequenceNumber) => {
      finished.add(streamSequenceNumber);
      advance();
    },
    checkpoint: () => checkpoint,
    span: () => waiting.length - head,
  };
}
