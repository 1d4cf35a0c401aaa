/** Bounds of frames by HTTP. docs/limits.md lists each. */
export const FRAMES_BOUNDS = {
  /**
   * Bytes in the body of a `POST` of frames, of which each is at most `FRAME_BYTES`. More: 413.
   * @limit client
   */
  BODY_BYTES: 262_144,
  /**
   * Frames in such a body: a subscription for each topic that a connection may have, and some more. More: 413.
   * @limit client
   */
  FRAMES: 128,
  /**
   * Age in ms of the last look at a token, and at what was revoked from it, past which another one precedes the next
   * frame of a body.
   * @limit operator
   */
  CHECK_MS: 5_000,
  /**
   * Interval in ms at which a waiting answer looks at its topics, for each ten of them: one topic is looked at every
   * 100 ms, a hundred of them every second.
   * @limit operator
   */
  LOOK_MS: 100,
  /** Topics for which a waiting answer looks once in `LOOK_MS`. */
  TOPICS_PER_LOOK: 10,
  /** Time in ms without a frame after which a waiting answer sends a comment: the client sees that it is alive. */
  QUIET_MS: 10_000,
} as const;
