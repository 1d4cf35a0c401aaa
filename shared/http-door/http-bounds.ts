/** Bounds of the HTTP door. docs/limits.md lists each. */
export const HTTP_BOUNDS = {
  /**
   * Bytes in the body of a `PUT` or a `POST`: as base64 they fit one item of DynamoDB. More: 413.
   * @limit client
   */
  BODY_BYTES: 262_144,
  /**
   * Number of messages in a JSON body, each a record of the archive. More: 413.
   * @limit client
   */
  MESSAGES: 500,
  /**
   * Bytes of a stream of bytes in one message: a longer body becomes several. As base64 it fits `DATA_BYTES`.
   * @limit client
   */
  PIECE_BYTES: 20_480,
  /**
   * Bytes of messages in one answer to a `GET`, and the message that exceeds them. The reader gets the rest by the
   * next offset.
   * @limit client
   */
  ANSWER_BYTES: 1_000_000,
  /**
   * Longest interval in ms at which a waiting Lambda looks at a topic for all of its readers. For more than ten readers
   * in one process it is shorter: one look a second for each of them.
   * @limit operator
   */
  LOOK_MS: 100,
  /**
   * Shortest interval in ms of the looks at a topic, however many wait for it in one process.
   * @limit operator
   */
  SHORTEST_LOOK_MS: 10,
  /**
   * Characters of a `Producer-Id` and of a `Stream-Seq`. More: 400.
   * @limit client
   */
  NAME_LENGTH: 128,
  /**
   * Segments of a fork's history: forks of forks have one for each topic. More: 400.
   * @limit client
   */
  SEGMENTS: 16,
} as const;
