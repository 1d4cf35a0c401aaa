/** Bounds of the fan-out. Each stands in docs/limits.md too. */
export const FANOUT_BOUNDS = {
  /** Topics of one batch whose subscribers are listed at once. */
  TOPIC_CONCURRENCY: 8,
  /** Connections that are posted to at once; also the sockets to the callback endpoint. */
  POST_CONCURRENCY: 64,
  /** One post, own deadline: the SDK has none that works. */
  POST_TIMEOUT_MS: 1_000,
  /** The same for a connection that is known to be slow. */
  SLOW_POST_TIMEOUT_MS: 100,
  /** How long a connection that used up its rounds counts as slow: it is then posted to last, and once. */
  SLOW_MS: 60_000,
  /** Slow connections that a warm Lambda remembers; the oldest is forgotten. */
  SLOW_CONNECTIONS: 10_000,
  /** Posts without an answer, one after another, after which the endpoint counts as down and the batch fails. */
  OUTAGE_POSTS: 128,
  /** Connections that may all fail to answer without that being an outage. */
  SILENT_CONNECTIONS: 2,
  /** Posts of one invocation; changes whose subscribers would make it more are left to the next one. */
  POSTS: 20_000,
  /** Time for all posts of one invocation; what was not tried by then is tried again with the batch. */
  DELIVERY_MS: 45_000,
  /** Rounds for connections that were throttled or did not answer, after everyone else had theirs. */
  RETRY_ROUNDS: 4,
  /** Time for all rounds; a round begins only within it. */
  ROUNDS_MS: 2_500,
  /** Full jitter up to this, doubled with each round, before a retry round. */
  RETRY_BACKOFF_MS: 100,
  /** Most that the wait before one retry round is. */
  RETRY_BACKOFF_CAP_MS: 400,
  /** Connections that stay in the retry rounds; more are left, and see their gap. */
  RETRY_CONNECTIONS: 256,
  /** Gone connections whose records are deleted at once. */
  REMOVE_CONCURRENCY: 8,
  /**
   * A connection younger than this may answer 410 because its handshake is still under way ($connect may take 29 s): its
   * records stay.
   */
  CONNECT_GRACE_MS: 30_000,
  /** Subscriptions of one batch that are caught up at once. */
  CATCH_UP_CONCURRENCY: 16,
  /** Waits for the topic index to show a new subscription: tries, and the pause between them. */
  INDEX_ATTEMPTS: 20,
  INDEX_PAUSE_MS: 25,
  /** Waits for the archive to hold all up to the head: tries, and the pause between them. */
  ARCHIVE_ATTEMPTS: 20,
  ARCHIVE_PAUSE_MS: 25,
  /** A message that the archive lacks may still be on its way for so long; after that it is lost to a catch-up. */
  ARCHIVE_LAG_MS: 15 * 60_000,
  /** Topics of one ping that are compared at once. */
  PING_CONCURRENCY: 8,
  /** Waits for the handshake of one connection, for all its first subscriptions together; then they are left to it. */
  HANDSHAKE_ATTEMPTS: 40,
  /** The pause of one such wait. */
  HANDSHAKE_PAUSE_MS: 50,
  /** Time that a warm Lambda may spend on such waits at a stretch. */
  HANDSHAKE_BUDGET_MS: 4_000,
  /** Share of the time by which that budget fills again. */
  HANDSHAKE_SHARE: 0.2,
  /** Connections whose waits a warm Lambda remembers; the oldest is forgotten. */
  HANDSHAKE_CONNECTIONS: 1_000,
  /** Bytes of missed messages that one catch-up sends, as for their number. */
  RECOVERED_BYTES: 4_194_304,
  /** Missed messages that one catch-up sends; a client that missed more is told that it cannot recover. */
  RECOVERED_MESSAGES: 1_000,
  /** Trace ids in the log line of one batch: as many as a batch has records. */
  LOGGED_TRACES: 100,
} as const;
