/** Bounds of the fan-out. Each stands in docs/limits.md too. */
export const FANOUT_BOUNDS = {
  /** Topics of one batch whose subscribers are listed at once. */
  TOPIC_CONCURRENCY: 8,
  /** Connections that are posted to at once, those aside whose answer is late. */
  POST_CONCURRENCY: 64,
  /** One post, own deadline. */
  POST_TIMEOUT_MS: 1_000,
  /** A post without an answer for so long is late: it no longer keeps another one waiting. */
  LATE_MS: 100,
  /** The same as a multiple of what answers take on the average, if that is longer: where all are slow none is late. */
  LATE_FACTOR: 8,
  /** Most that the average makes of it: a post that is never late would keep its place for its whole deadline. */
  LATE_CAP_MS: 500,
  /** Answers that this average is of, the newest counting most. */
  AVERAGED_ANSWERS: 64,
  /** Late posts at once, beside POST_CONCURRENCY; the sockets to the callback endpoint are as many as both. */
  LATE_POSTS: 64,
  /** An endpoint that takes no connection within this is not there: shorter than POST_TIMEOUT_MS, to tell the two apart. */
  CONNECT_TIMEOUT_MS: 500,
  /** A kept-alive socket without a post for so long is closed. */
  SOCKET_IDLE_MS: 20_000,
  /** What is read of an answer to a post; one that is longer costs its socket. */
  ANSWER_BYTES: 16_384,
  /** How long credentials are used before they are asked for again. */
  CREDENTIALS_MS: 1_000,
  /** A clock that differs so much from that of an endpoint that answers 403 is taken for wrong, as in the official client. */
  CLOCK_SKEW_MS: 300_000,
  /** Frames whose bytes and hash are remembered, and their bytes: what a batch has due, once for all its recipients. */
  PREPARED_FRAMES: 1_024,
  PREPARED_BYTES: 16_777_216,
  /** The same for a connection that is known to be slow; it grows as LATE_MS does. */
  SLOW_POST_TIMEOUT_MS: 100,
  /** Least that one gets that did not even answer the last time: it is tried beside the others, who wait if that is longer. */
  SILENT_POST_TIMEOUT_MS: 25,
  /** The same as a multiple of what answers take on the average, if that is longer. */
  SILENT_FACTOR: 3,
  /** How long a connection that used up its rounds counts as slow: it is then posted to last, and once. */
  SLOW_MS: 60_000,
  /** Who has not answered for so long, tried at least twice, is left in peace for a while. */
  SILENT_MS: 500,
  /** How long such a one is left in peace where others would wait for it; doubled with each time. */
  SLOW_REST_MS: 1_000,
  /** Most that such a rest is. */
  SLOW_REST_CAP_MS: 32_000,
  /** Slow connections that a warm Lambda remembers; the oldest is forgotten. */
  SLOW_CONNECTIONS: 10_000,
  /** Posts without an answer, one after another, after which the endpoint counts as down and the batch fails. */
  OUTAGE_POSTS: 128,
  /** Connections that may all fail to answer without that being an outage. */
  SILENT_CONNECTIONS: 2,
  /** Posts that are prepared at once; what is more comes after them, while there is time. Batches count as what they fill. */
  POSTS: 20_000,
  /** The same for frames: each one counts for each subscriber that it is due to, in a batch or not. */
  DUE_FRAMES: 1_000_000,
  /** Time for all posts of one invocation; what was not tried by then is tried again with the batch. */
  DELIVERY_MS: 45_000,
  /** Workers that one invocation has at work at once; ten lanes of a stream together need a third of an account's default. */
  WORKER_CONCURRENCY: 32,
  /** Tries to have one shard delivered to, since the last that got on. */
  WORKER_ATTEMPTS: 3,
  /** Bytes of the frames in one worker's event, well within the 6 MB that Lambda takes. */
  WORKER_EVENT_BYTES: 4_194_304,
  /** A worker is asked only within this, so that the last one has answered before the broadcast's own time is up. */
  WORKERS_MS: 22_000,
  /** Time for all posts of one worker. */
  WORKER_DELIVERY_MS: 20_000,
  /** One call of a worker, own deadline: longer than its function may run. */
  WORKER_TIMEOUT_MS: 32_000,
  /** How long what was delivered of a failed batch is remembered: as long as the batch may be tried again. */
  DELIVERED_MS: 600_000,
  /** Topics and shards of topics for which a warm Lambda remembers it; the oldest is forgotten. */
  DELIVERED_PLACES: 10_000,
  /** How often the directory is told anew of a topic that has grown, by each warm Lambda. */
  TELL_ROUTES_MS: 3_600_000,
  /** Least time between two posts of a counter's value: at most 17 a second to each subscriber, however fast it changes. */
  COUNTER_INTERVAL_MS: 60,
  /** Counters that a warm Lambda paces; the oldest is forgotten. */
  PACED_COUNTERS: 1_000,
  /** Rounds for connections that were throttled or did not answer, after everyone else had theirs. */
  RETRY_ROUNDS: 4,
  /** Time for all rounds; a round begins only within it, and where few need one, only within their share of it. */
  ROUNDS_MS: 2_500,
  /** Least that such a share is. */
  ROUNDS_SHARE_MS: 100,
  /** Up to this share of all, those that did not answer are tried only once more. */
  FEW_SHARE: 0.1,
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
  /** Where the archive has later messages, those before them are waited for only so long: an earlier part may be tried again. */
  ARCHIVE_HOLE_MS: 60_000,
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
  /** Trace ids in the log line of one batch. */
  LOGGED_TRACES: 100,
  /** Topics that the log line of one batch names; the rest is counted. */
  LOGGED_TOPICS: 100,
  /** Connections that were not delivered to and that the log line of one batch names; the rest is counted. */
  LOGGED_CONNECTIONS: 500,
} as const;
