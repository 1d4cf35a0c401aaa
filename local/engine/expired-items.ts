/**
 * The number of announced keys that are remembered for each reader, 10,000. Past it the oldest is forgotten, and its
 * REMOVE record looks like a deletion by a client.
 */
const REMEMBERED_KEYS = 10_000;

/**
 * The TTL deletions that a stream's readers have not seen yet. Each reader gives its REMOVE record the `userIdentity`
 * that AWS gives it: on AWS it is in the record, for every event source mapping of the stream. See
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
 */
export interface ExpiredItems {
  readonly announce: (table: string, key: unknown) => void;
  readonly withdraw: (table: string, key: unknown) => void;
  /** Adds a reader. The returned function returns true once for each key that was announced from then on. */
  readonly addReader: () => (table: string, key: unknown) => boolean;
}

/** Creates the memory of announced deletions, with no reader. */
export function createExpiredItems(): ExpiredItems {
  const readers: Set<string>[] = [];
  return {
    announce: (table, key) => {
      const item = identityOf(table, key);
      for (const unseen of readers) remember(unseen, item);
    },
    withdraw: (table, key) => {
      const item = identityOf(table, key);
      for (const unseen of readers) unseen.delete(item);
    },
    addReader: () => {
      const unseen = new Set<string>();
      readers.push(unseen);
      return (table, key) => unseen.delete(identityOf(table, key));
    },
  };
}

function remember(unseen: Set<string>, item: string): void {
  const [oldest] = unseen;
  if (unseen.size >= REMEMBERED_KEYS && oldest !== undefined) unseen.delete(oldest);
  unseen.add(item);
}

/**
 * Returns a text that identifies an item. Attributes are sorted, because a stream and a scan may list them differently.
 */
function identityOf(table: string, key: unknown): string {
  const attributes = typeof key === 'object' && key !== null ? Object.entries(key) : [];
  return JSON.stringify([table, attributes.sort(([a], [b]) => (a < b ? -1 : 1))]);
}
