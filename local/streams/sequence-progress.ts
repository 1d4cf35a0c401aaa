/** How far a shard's records are done when several lanes finish them out of order. */
export interface SequenceProgress {
  /** Records are announced in the order of the shard. */
  readonly read: (streamSequenceNumber: string) => void;
  readonly finish: (streamSequenceNumber: string) => void;
  /** The last record below which, itself included, everything is done. */
  readonly checkpoint: () => string | undefined;
  /** Records since the checkpoint, done or not: what read-ahead bounds. */
  readonly span: () => number;
}

/** The done head of the list is cut off so often that cutting costs nothing. */
const COMPACT_AFTER = 1_024;

/** Makes the account of one shard. */
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
