/** The settings of a topic that bound what a client can read of it. */
export interface ReadSettings {
  /** Number of messages, the newest, that clients can read. Absent: all that are kept. */
  readonly history?: number | undefined;
  /** Whether the newest message is the topic's state, and no other is kept. */
  readonly lastValueOnly?: boolean | undefined;
}
