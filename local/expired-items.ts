/**
 * The number of announced keys that are remembered, 10,000. Past it the oldest is forgotten, and its REMOVE record
 * looks like a deletion by a client.
 */
const REMEMBERED_KEYS = 10_000;

/**
 * The TTL deletions that no stream record has shown yet. The pollers give their REMOVE records the `userIdentity` that
 * AWS gives them.
 */
export interface ExpiredItems {
  readonly announce: (table: string, key: unknown) => void;
  readonly withdraw: (table: string, key: unknown) => void;
  /** Returns true once for each announced key. */
  readonly take: (table: string, key: unknown) => boolean;
}

/** Creates an empty memory of the newest 10,000 announced deletions. */
export function createExpiredItems(): ExpiredItems {
  const keys = new Set<string>();
  return {
    announce: (table, key) => {
      const [oldest] = keys;
      if (keys.size >= REMEMBERED_KEYS && oldest !== undefined) keys.delete(oldest);
      keys.add(identityOf(table, key));
    },
    withdraw: (table, key) => void keys.delete(identityOf(table, key)),
    take: (table, key) => keys.delete(identityOf(table, key)),
  };
}

/**
 * Returns a text that identifies an item. Attributes are sorted, because a stream and a scan may list them differently.
 */
function identityOf(table: string, key: unknown): string {
  const attributes = typeof key === 'object' && key !== null ? Object.entries(key) : [];
  return JSON.stringify([table, attributes.sort(([a], [b]) => (a < b ? -1 : 1))]);
}
