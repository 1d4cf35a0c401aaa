/** Bounds of the store. docs/limits.md lists each. */
export const STORE_BOUNDS = {
  /**
   * Life in seconds of a connection's records: API Gateway's two hours and a quarter of an hour more. DynamoDB deletes
   * them after it.
   * @limit operator
   */
  CONNECTION_SECONDS: 2 * 3600 + 900,
  /**
   * Time in seconds after the last publish at which a topic's head expires. The next publish begins a new epoch.
   * @limit client
   */
  TOPIC_IDLE_SECONDS: 30 * 86_400,
  /**
   * Time in seconds after the last change at which a counter's head expires, and its value with it. The next change
   * begins a new epoch at 0.
   * @limit client
   */
  COUNTER_IDLE_SECONDS: 400 * 86_400,
  /**
   * Deadline in ms of one keyed write, lost races included. Past it the client gets `unavailable`, and may safely
   * repeat the write.
   * @limit operator
   */
  KEYED_WRITE_MS: 6_000,
  /**
   * Attempts of a write without a key that DynamoDB refused unmade (throttled, or in conflict with a transaction).
   * After the last one the write fails.
   * @limit operator
   */
  REFUSED_WRITE_ATTEMPTS: 8,
  /**
   * Time in seconds for which the key of a table's stream record counts once: the stream's 24 hours, after which no
   * retry can come, and two more.
   * @limit operator
   */
  RECORD_KEY_SECONDS: 26 * 3600,
  /** Base in ms of the backoff between the attempts of a write: full jitter up to it, doubled with each attempt. */
  WRITE_BACKOFF_MS: 4,
  /** Upper bound in ms of one backoff between the attempts of a write. */
  WRITE_BACKOFF_CAP_MS: 100,
  /**
   * Heads that a warm route remembers, so that a keyed write succeeds at its first attempt. The oldest is forgotten
   * first, which costs its topic's next keyed write one more attempt.
   */
  REMEMBERED_HEADS: 256,
  /** Items of one BatchGetItem, DynamoDB's own limit. More items take several calls. */
  BATCH_GET_ITEMS: 100,
  /** Attempts to read the items that a BatchGetItem left unprocessed. Past them the reading fails. */
  BATCH_GET_ATTEMPTS: 6,
  /** Base in ms of the backoff before unprocessed items are read again, with the jitter of BatchWriteItem's. */
  BATCH_GET_BACKOFF_MS: 25,
  /** Items of one BatchWriteItem, DynamoDB's own limit. More items take several calls. */
  BATCH_WRITE_ITEMS: 25,
  /** BatchWriteItem calls in flight at once for one list of items. Further calls wait. */
  BATCH_WRITE_CONCURRENCY: 4,
  /**
   * Attempts to write the items that a BatchWriteItem left unprocessed. Items left after the last one are reported to
   * the caller.
   */
  BATCH_WRITE_ATTEMPTS: 6,
  /**
   * Base in ms of the backoff before unprocessed items are written again: full jitter up to it, doubled with each
   * attempt.
   */
  BATCH_WRITE_BACKOFF_MS: 25,
  /**
   * Average number of subscribers in a shard of a topic. With more, the next delivery doubles the topic's shards.
   * Posting to this number takes about 0.3 seconds (64 at once, 10 ms each), and they fill two thirds of a page of the
   * index.
   * @limit operator
   */
  SHARD_SUBSCRIPTIONS: 2_000,
  /**
   * Shards that a topic can have: enough for a million subscribers. With more subscribers each shard gets larger.
   * @limit operator
   */
  MAX_SHARDS: 512,
  /** Shards of one topic that one process reads at once (in a replay, for example). Further shards wait. */
  SHARD_READ_CONCURRENCY: 8,
  /**
   * Pages of the shard directory, the only records that never expire.
   * @limit operator
   */
  DIRECTORY_PAGES: 16,
  /**
   * Topics on one page of the shard directory. On a full page the topic whose entry ends first is replaced. New
   * subscribers of a topic that is on no page get shard 0.
   * @limit operator
   */
  DIRECTORY_TOPICS: 256,
  /**
   * Time in ms for which a warm route uses a page of the shard directory before it reads it again. An old page does no
   * harm: shards are never removed.
   * @limit operator
   */
  DIRECTORY_MS: 30_000,
  /**
   * Attempts to enter a topic on a page of the shard directory that is new or full. After the last one the next
   * delivery tries again.
   */
  DIRECTORY_ATTEMPTS: 4,
  /**
   * Roots in the directory of wildcards: first segments, each with a number of separators. Past it the directory enters
   * at most four roots that stand for every first segment, and each delivery lists up to four wildcards more.
   * @limit operator
   */
  WILDCARD_ROOTS: 256,
  /**
   * Time in ms for which a warm broadcast uses the directory of wildcards before it reads it again.
   * @limit operator
   */
  WILDCARDS_MS: 2_000,
  /**
   * Time in ms after which the first subscription to a wildcard of a new root is answered, so that every broadcast has
   * seen the root: `WILDCARDS_MS` and a margin.
   * @limit operator
   */
  WILDCARD_SETTLING_MS: 2_500,
  /**
   * Age in ms up to which an entry of that directory counts as new: the settling time, and 5 s for clocks that differ.
   */
  WILDCARD_YOUNG_MS: 7_500,
  /** Time in ms for which an ended entry of that directory still counts for deliveries. */
  WILDCARD_GRACE_MS: 60_000,
  /** Attempts to enter a root in that directory beside other routes. After the last one the `subscribe` fails. */
  WILDCARD_ATTEMPTS: 8,
  /**
   * Timeout in ms of one call to DynamoDB, connecting included. Past it the call fails, and the SDK retries it if it
   * may be sent twice.
   * @limit operator
   */
  REQUEST_TIMEOUT_MS: 3_000,
  /** Time in ms for opening a connection to DynamoDB. Past it the call fails as after its timeout. */
  CALL_CONNECT_MS: 1_000,
  /**
   * Sockets of one client to DynamoDB. Further calls wait for one, at most for their timeout.
   * @limit operator
   */
  CALL_SOCKETS: 50,
  /** Bytes of one answer of DynamoDB, which has at most 16 MB of items; they grow in JSON. A longer answer fails. */
  CALL_ANSWER_BYTES: 67_108_864,
  /**
   * Idempotent producers that a stream remembers. A new one then takes the place of the one whose last request is the
   * oldest, if that is older than `PRODUCER_MS`; otherwise it gets 429.
   * @limit client
   */
  PRODUCERS: 32,
  /** Time in ms for which a producer of a stream is remembered at least. */
  PRODUCER_MS: 3_600_000,
  /** Attempts of a write to a stream beside other writers. After the last one it fails, and nothing was written. */
  STREAM_ATTEMPTS: 16,
  /**
   * Time in ms for which a read waits for messages that are written and not archived yet. After it the reader gets
   * those before them, or 503 if there are none.
   * @limit client
   */
  ARCHIVE_WAIT_MS: 5_000,
  /** Interval in ms between two looks into the archive for such messages. */
  ARCHIVE_LOOK_MS: 25,
  /**
   * Age in ms of a topic's newest message after which everything before it was archived or given up: the age at which
   * the broadcast gives up, and five minutes more.
   */
  ARCHIVE_SETTLED_MS: 900_000,
  /**
   * Part of a stream's TTL that has to pass before a read puts off its end again: a read makes a write only then.
   */
  TTL_STEP: 0.1,
  /**
   * Time in ms for which a connection has to go on sending although it is refused before it is closed, 10,000; and the
   * pause that its client is told then. A burst's time: a new connection has a whole burst again, so one that was
   * closed earlier would get more by connecting again and again than by staying.
   * @limit client
   */
  FLOOD_MS: 10_000,
} as const;
