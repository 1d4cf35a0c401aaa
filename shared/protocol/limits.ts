/** The bounds of the wire, which the tables of docs/limits.md list. */
export const LIMITS = {
  /**
   * Bytes of UTF-8 in one frame from a client: API Gateway's own limit. API Gateway closes the connection with 1009
   * on a larger single frame; a larger fragmented message gets `too-large`.
   * @limit client
   */
  FRAME_BYTES: 32_768,
  /**
   * Bytes of UTF-8 in the `data` of one message as JSON, so that a delivery with its envelope fits one frame. More:
   * `too-large`.
   * @limit client
   */
  DATA_BYTES: 28_672,
  /**
   * Number of messages in one publish, each a record of the archive. More: `bad-frame`. Together they have at most
   * `FRAME_BYTES` as JSON; more: `too-large`.
   * @limit client
   */
  PUBLISHED_MESSAGES: 50,
  /**
   * Number of topics that one connection may be subscribed to. The next subscribe gets `too-many-topics`; a URL with
   * more is refused with 400.
   * @limit client
   */
  TOPICS_PER_CONNECTION: 100,
  /**
   * Characters of a topic's name. More: `bad-topic`.
   * @limit client
   */
  TOPIC_LENGTH: 128,
  /**
   * Segments of a wildcard, the `*` included: `a/b/c/d/*` has five. More: `bad-topic`. A topic therefore lies under at
   * most four wildcards, and a delivery lists the subscribers of at most four.
   * @limit client
   */
  WILDCARD_SEGMENTS: 5,
  /**
   * Number of positions in a `subscribe` to a wildcard, or in a `ping`. More: `bad-frame`.
   * @limit client
   */
  POSITIONS: 100,
  /**
   * Characters of a frame's `id`. More: `bad-frame`, and the error does not repeat the id.
   * @limit client
   */
  ID_LENGTH: 64,
  /**
   * Characters of an idempotency `key`, printable ASCII. More: `bad-frame`.
   * @limit client
   */
  KEY_LENGTH: 64,
  /**
   * Characters of an epoch in a position. More: `bad-frame`.
   * @limit client
   */
  EPOCH_LENGTH: 36,
  /**
   * Number of messages that a `history` may ask for. More: `bad-frame`.
   * @limit client
   */
  HISTORY: 100,
  /**
   * Largest step of one plus or minus. More: `bad-frame`.
   * @limit client
   */
  COUNTER_STEP: 1_000_000_000,
  /**
   * Largest absolute value of a counter, exact in every client's arithmetic. A step past it gets `out-of-bounds` and
   * changes nothing.
   * @limit client
   */
  COUNTER_VALUE: 9_000_000_000_000_000,
  /**
   * Number of members that a list of members names, or that the frames of one change name. `count` counts all.
   * @limit client
   */
  PRESENCE_MEMBERS: 1_000,
  /**
   * Bytes of UTF-8 in the state of a member as JSON. More: `too-large`.
   * @limit client
   */
  MEMBER_STATE_BYTES: 1_024,
  /**
   * Time in ms between two states that a connection sets in a topic. Earlier: `rate-limited`, and nothing is done.
   * @limit client
   */
  MEMBER_STATE_MS: 1_000,
  /**
   * Number of faults that one `bad-frame` error names; the others are left out.
   * @limit client
   */
  FAULTS: 8,
  /**
   * Characters that an error repeats of a client's own text; the rest is cut, with `…`.
   * @limit client
   */
  ECHO_LENGTH: 64,
  /**
   * Time in seconds for which a `key` counts once. Later the same key is a new one.
   * @limit client
   */
  KEY_SECONDS: 600,
} as const;
