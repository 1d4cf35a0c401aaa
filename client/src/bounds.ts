/** Every duration and size of the client. */
export const BOUNDS = {
  /** How long a connection may take to open, cold starts included. */
  OPEN_TIMEOUT_MS: 20_000,
  /** Upper edge of the first pause before a reconnect; it doubles with each failure. */
  RECONNECT_BASE_MS: 500,
  /** No pause before a reconnect is longer than this. */
  RECONNECT_CAP_MS: 20_000,
  /** Upper edge of the first pause before a request is sent again that the server could not do just now; it doubles. */
  RETRY_BASE_MS: 100,
  /** No such pause is longer than this. */
  RETRY_CAP_MS: 3_000,
  /** A connection that lived this long was a good one: the next pause starts from the base again. */
  STABLE_AFTER_MS: 5_000,
  /** A ping is sent after this long without a frame either way. API Gateway closes after ten minutes. */
  IDLE_PING_MS: 8 * 60_000,
  /** A request unanswered for this long, with nothing else heard, makes the client ask by a ping whether anybody is there. */
  SILENCE_MS: 10_000,
  /** A ping unanswered for this long means a dead socket. */
  PONG_TIMEOUT_MS: 10_000,
  /** A request is given up this long after it was made. Far below the ten minutes in which its key counts once. */
  REQUEST_TIMEOUT_MS: 30_000,
  /** A subscription that brought no answer for this long is asked for again. */
  SUBSCRIBE_RETRY_MS: 10_000,
  /** Requests that wait for their answer, or for a connection, at any one time. */
  WAITING_REQUESTS: 1_000,
  /** Topics and counters of one connection; the server's own bound. */
  TOPICS: 100,
  /** Messages held back per topic while an earlier one is being fetched. */
  HELD_MESSAGES: 500,
  /** Own messages per topic, not echoed, whose seqs are remembered so that they are not taken for a gap. */
  OWN_SEQS: 500,
  /** Characters of topics that travel in the URL; others are subscribed by frames. API Gateway's URL limit is 4,096. */
  URL_TOPICS_LENGTH: 1_000,
} as const;
