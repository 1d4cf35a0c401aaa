/**
 * Names of tables' keys and attributes, for the store that uses them and for infra/ that creates them. Key strings are
 * made in this file only.
 */
export const TOPICS = { partitionKey: 'topic', ttl: 'expiresAt' } as const;
export const MESSAGES = { partitionKey: 'topic', sortKey: 'seq', ttl: 'expiresAt' } as const;
export const KEYS = { partitionKey: 'id', ttl: 'expiresAt' } as const;
export const SUBSCRIPTIONS = {
  partitionKey: 'connectionId',
  sortKey: 'topic',
  ttl: 'expiresAt',
  /** Marks a write that asks for a catch-up, anew each time: a write that changes nothing makes no change record. */
  request: 'request',
  /** Marks the write of a watch, in the same way. */
  watch: 'watch',
} as const;

/** The topic index: sparse, since a connection's own records have no `topicShard`. */
export const BY_TOPIC = {
  name: 'byTopic',
  partitionKey: 'topicShard',
  sortKey: 'connectionId',
  /** What a delivery needs beside the keys. */
  projected: ['connectedAt', 'batch'],
} as const;

/** Sort key of the record that lists a connection's topics. `@` cannot stand in a topic's name. */
export const CONNECTION_RECORD = '@connection';

/** Sort key of the record on which a ping leaves the connection's positions. */
export const PING_RECORD = '@ping';

/** Sort key of the record by which a connection watches who is at a topic. */
export const WATCH_PREFIX = '@presence:';

/** Index key of those who watch a topic. */
export const watchersPlace = (topic: string): string => `${topic}#presence`;

/** Index key of one shard of a topic's subscribers. Shards count from 0; `#` cannot stand in a topic's name. */
export const topicShard = (topic: string, shard: number): string => `${topic}#${shard}`;

/**
 * A topic's head: how many shards its subscribers may be in (absent: one), and the seq at which that was last raised.
 */
export const SHARDS = 'shards';
export const GROWN_AT = 'grownAt';

/**
 * Keys of a page of the shard directory, in the Subscriptions table: it lists topics of more than one shard for the
 * routes. `@` stands in no connection's id.
 */
export const directoryKey = (page: number) => ({
  [SUBSCRIPTIONS.partitionKey]: `@shards#${page}`,
  [SUBSCRIPTIONS.sortKey]: '@shards',
});

/** Key of an idempotency record: a `key` counts once in its topic. `#` cannot stand in a topic's name. */
export const keyId = (topic: string, key: string): string => `${topic}#${key}`;
