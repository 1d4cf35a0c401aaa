/** Bounds of the wire. Each stands in docs/limits.md too; a test holds the two together. */
export const LIMITS = {
  /** One frame from a client, in bytes of UTF-8. API Gateway's own frame limit. */
  FRAME_BYTES: 32_768,
  /** `data` of one publish as JSON, in bytes of UTF-8: a delivery and its envelope fit one frame. */
  DATA_BYTES: 28_672,
  /** Messages of one publish: each is a record of the archive. */
  PUBLISHED_MESSAGES: 50,
  /** Topics that one connection may be subscribed to. */
  TOPICS_PER_CONNECTION: 100,
  /** Characters of a topic's name. */
  TOPIC_LENGTH: 128,
  /** Characters of a frame's `id`. */
  ID_LENGTH: 64,
  /** Characters of an idempotency `key`. */
  KEY_LENGTH: 64,
  /** Characters of an epoch. */
  EPOCH_LENGTH: 36,
  /** Messages that a `history` may ask for. */
  HISTORY: 100,
  /** Largest step of one plus or minus. */
  COUNTER_STEP: 1_000_000_000,
  /** A counter's value stays between this and its negative: exact in every client's arithmetic. */
  COUNTER_VALUE: 9_000_000_000_000_000,
  /** Members that one `presence` frame names. */
  PRESENCE_MEMBERS: 1_000,
  /** Faults that one `bad-frame` error names. */
  FAULTS: 8,
  /** Characters of what an error repeats of a client's own text. */
  ECHO_LENGTH: 64,
  /** How long a `key` counts once, in seconds. */
  KEY_SECONDS: 600,
} as const;
