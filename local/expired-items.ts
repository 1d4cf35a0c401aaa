/** What the sweeper deleted and no poller has met yet: keys remembered at most. */
const REMEMBERED_KEYS = 10_000;

/** Tells the pollers which REMOVE records are TTL's, so that they get the `userIdentity` that AWS gives them. */
export interface ExpiredItems {
  readonly announce: (table: string, key: unknown) => void;
  readonly withdraw: (table: string, key: unknown) => void;
  /** True once for each announced key. */
  readonly take: (table: string, key: unknown) => boolean;
}

/** Remembers announced deletions, the newest so many. */
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

/** Attributes in one order: a stream and a scan may list them differently. */
function identityOf(table: string, key: unknown): string {
  const attributes = typeof key === 'object' && key !== null ? Object.entries(key) : [];
  return JSON.stringify([table, attributes.sort(([a], [b]) => (a < b ? -1 : 1))]);
}
