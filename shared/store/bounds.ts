/** Bounds of what is stored. Each stands in docs/limits.md too. */
export const STORE_BOUNDS = {
  /** A connection's records outlive API Gateway's two hours by a quarter of an hour. */
  CONNECTION_SECONDS: 2 * 3600 + 900,
  /** A topic that nobody published to for so long is forgotten; its next publish begins a new epoch. */
  TOPIC_IDLE_SECONDS: 30 * 86_400,
  /** The same for a counter, whose value goes with it. */
  COUNTER_IDLE_SECONDS: 400 * 86_400,
  /** Time that one keyed write may take, races included; past it `unavailable`, which is safe to repeat. */
  KEYED_WRITE_MS: 6_000,
  /** Tries of a write without a key that DynamoDB refused unmade (throttled, or in conflict with a transaction). */
  REFUSED_WRITE_ATTEMPTS: 8,
  /** Full jitter up to this, doubled with each try, between the tries of a write. */
  WRITE_BACKOFF_MS: 4,
  /** Most that one such backoff waits. */
  WRITE_BACKOFF_CAP_MS: 100,
  /** Positions of topics that a warm route remembers, to win a keyed write's first try. */
  REMEMBERED_HEADS: 256,
  /** Items of one BatchWriteItem: DynamoDB's own limit. */
  BATCH_WRITE_ITEMS: 25,
  /** BatchWriteItem calls under way at once. */
  BATCH_WRITE_CONCURRENCY: 4,
  /** Tries to write what a BatchWriteItem left unprocessed. */
  BATCH_WRITE_ATTEMPTS: 6,
  /** Full jitter up to this, doubled with each try, before unprocessed items are written again. */
  BATCH_WRITE_BACKOFF_MS: 25,
  /**
   * Subscribers of a topic for each of its shards, on the average; more, and it grows. So many are posted to in about
   * 0.3 seconds (64 at once, 10 ms each), and are two thirds of a page of the index.
   */
  SHARD_SUBSCRIPTIONS: 2_000,
  /** Shards that a topic can have: room for a million subscribers. Past it the shards grow longer. */
  MAX_SHARDS: 512,
  /** Shards of one topic that are read at once, where they are read by one. */
  SHARD_READ_CONCURRENCY: 8,
  /** Pages of the shard directory. */
  DIRECTORY_PAGES: 16,
  /**
   * Topics on one page of it; the one whose entry ends first makes room. Subscribers of a topic that is on none go to
   * shard 0.
   */
  DIRECTORY_TOPICS: 256,
  /** How long a warm route goes by a page that it has seen. */
  DIRECTORY_MS: 30_000,
  /** Tries to enter a topic on a page that is new, or full. */
  DIRECTORY_ATTEMPTS: 4,
  /** One call to DynamoDB, connect included. */
  REQUEST_TIMEOUT_MS: 3_000,
} as const;
