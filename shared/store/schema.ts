/**
 * The names of the tables' keys and attributes, for the store and for infra/. Key strings are built in this file only.
 */
export const TOPICS = { partitionKey: 'topic', ttl: 'expiresAt' } as const;
/** The keys of the Messages table. */
export const MESSAGES = { partitionKey: 'topic', sortKey: 'seq', ttl: 'expiresAt' } as const;
/** The keys of the Keys table. */
export const KEYS = { partitionKey: 'id', ttl: 'expiresAt' } as const;
/** The keys of the Subscriptions table. */
export const SUBSCRIPTIONS = {
  partitionKey: 'connectionId',
  sortKey: 'topic',
  ttl: 'expiresAt',
  /**
   * The stamp of a write that asks for a catch-up, new each time: a write that changes nothing makes no change record.
   */
  request: 'request',
  /**
   * The time at which API Gateway received the frame of the newest write. An earlier frame that is handled later does
   * not change the record. A deleted record has no time: the connection's list keeps when the topic was left.
   */
  receivedAt: 'receivedAt',
  /**
   * The stamp of a write that the presence Lambda acts on, new each time for the same reason: of a presence
   * subscription, or of the clock of a topic of which members are away.
   */
  watch: 'watch',
  /** The time in epoch milliseconds at which the connection's token ends. Absent: never. */
  tokenEnd: 'tokenEnd',
  /** The version of its subject's revocations at a connection's handshake, in its list. */
  seen: 'seen',
  /** The subject of the connection's token. Absent where the stack does not authenticate. */
  subject: 'subject',
  /** The public profile of that subject, as JSON. Absent: none. */
  profile: 'profile',
  /** The state that the member has set by this connection, as JSON. Absent: none. */
  state: 'memberState',
  /** The time at which API Gateway received the frame that set the state, or ended it. */
  statedAt: 'statedAt',
} as const;

/** The start of the sort key of a catch-up that a connection is owed. A topic's name cannot contain `@`. */
export const OWED_PREFIX = '@owed:';

/** The attribute with the stamp of such a catch-up, new with each write that asks for a try. */
export const OWED = 'owed';

/** The attribute of a subscription with the connection's newest request for older messages. */
export const HISTORY_REQUEST = 'historyRequest';

/** The topic index. Sparse: a connection's records that are no subscription have no `topicShard`. */
export const BY_TOPIC = {
  name: 'byTopic',
  partitionKey: 'topicShard',
  sortKey: 'connectionId',
  /** The attributes that a delivery needs beside the keys, and the subject, which presence counts once. */
  projected: ['connectedAt', 'batch', SUBSCRIPTIONS.tokenEnd, SUBSCRIPTIONS.seen, SUBSCRIPTIONS.subject],
} as const;

/** The sort key of the record that lists a connection's topics. A topic's name cannot contain `@`. */
export const CONNECTION_RECORD = '@connection';

/** The sort key of the record in which a ping leaves the connection's positions. */
export const PING_RECORD = '@ping';

/** The sort key of the record that names the topics of a handshake that were refused. */
export const REFUSED_RECORD = '@refused';

/** The sort key of the record by which a connection is ended. */
export const END_RECORD = '@end';

/** The attribute of that record with the reason. Absent: the connection's token has ended. */
export const END_CODE = 'code';

/** The reason for which a record ends a connection, as the client is told. */
export type EndCode = 'token-expired' | 'rate-limited';

/** The sort key of the item with the revocations of a subject. */
export const REVOKED_RECORD = '@revoked';

/** The start of the partition key of that item, before the subject. A connection's id cannot contain `@`. */
export const REVOKED_PREFIX = '@revoked#';

/** Returns the key of the item with the revocations of a subject, in the Subscriptions table. */
export const revocationKey = (subject: string) => ({
  [SUBSCRIPTIONS.partitionKey]: `${REVOKED_PREFIX}${subject}`,
  [SUBSCRIPTIONS.sortKey]: REVOKED_RECORD,
});

/** The index key under which the items with revocations are listed. A topic's name cannot contain `@`. */
export const REVOKED_SHARD = '@revoked';

/** The start of the index key under which the connections of a subject are listed, before the subject. */
const SUBJECT_PREFIX = '@subject#';

/** Returns the index key under which the connections of a subject are listed, by their lists. */
export const subjectShard = (subject: string): string => `${SUBJECT_PREFIX}${subject}`;

/** Returns the subject of such an index key. */
export const subjectOfShard = (key: string): string => key.slice(SUBJECT_PREFIX.length);

/** The sort key, before the topic, of the record by which a connection watches a topic's presence. */
export const WATCH_PREFIX = '@presence:';

/** Returns the index key under which the connections that watch a topic's presence are listed. */
export const presenceShard = (topic: string): string => `${topic}#presence`;

/** The sort key of the item that wakes the presence Lambda while members of a topic are away. */
export const AWAY_CLOCK = '@clock';

/**
 * Returns the partition key, in the Subscriptions table, of the members of a topic whose connections have ended a
 * moment ago. A connection's id cannot contain `@`.
 */
export const awayPartition = (topic: string): string => `@away#${topic}`;

/** The start of the sort key of such a member, before its subject. */
export const AWAY_PREFIX = '=';

/**
 * Returns the index key of one shard of a topic's subscribers. Shards count from 0; a topic's name cannot contain `#`.
 */
export const topicShard = (topic: string, shard: number): string => `${topic}#${shard}`;

/** The attribute of a topic's head with the number of shards of its subscribers. Absent: one. */
export const SHARDS = 'shards';

/**
 * The attribute of a topic's head with the seq at which it was last changed without a message: its shards were raised,
 * its stream was closed, or its end was put off. A record of such a change has no news.
 */
export const GROWN_AT = 'grownAt';

/** The attributes of a topic's head that only streams have. */
export const STREAM = {
  /** The settings by which it was created. */
  settings: 'stream',
  /** The time in epoch milliseconds at which it ends, unless it is used before. */
  endsAt: 'endsAt',
  /** Present once it is closed, with the producer's request that closed it. */
  closed: 'closed',
  /** The newest `Stream-Seq`. */
  streamSeq: 'streamSeq',
  /** The newest request of each idempotent producer. */
  producers: 'producers',
  /** The number of forks that read its messages. */
  forks: 'forks',
  /** Present once it was deleted while it had forks. */
  gone: 'gone',
  /** Present where a publish has to look at the others: in a stream that ends, is closed, or holds no JSON. */
  held: 'held',
} as const;

/**
 * Returns the key of a page of the shard directory, in the Subscriptions table: it lists topics of more than one shard
 * for the routes. A connection's id cannot contain `@`.
 */
export const directoryKey = (page: number) => ({
  [SUBSCRIPTIONS.partitionKey]: `@shards#${page}`,
  [SUBSCRIPTIONS.sortKey]: '@shards',
});

/**
 * The key of the directory of wildcards, in the Subscriptions table: the roots of the wildcards that may have
 * subscribers. A connection's id cannot contain `@`.
 */
export const wildcardsKey = {
  [SUBSCRIPTIONS.partitionKey]: '@wildcards',
  [SUBSCRIPTIONS.sortKey]: '@wildcards',
} as const;

/** Returns the key of an idempotency record: a `key` counts once in its topic. A topic's name cannot contain `#`. */
export const keyId = (topic: string, key: string): string => `${topic}#${key}`;

/** Returns the key of the item that counts a rate, in the Keys table. A topic's name cannot contain `@`. */
export const rateId = (key: string): string => `@rate#${key}`;
