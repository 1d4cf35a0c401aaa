/** The bounds of the view at `/_local`. Each has a row in docs/limits.md. */
export const VIEW = {
  /**
   * Invocations that the view keeps, of all functions. Past it the oldest are forgotten.
   * @limit operator
   */
  invocations: 200,
  /** Characters of an event and of a result that are kept. A longer event is shown in part and not replayed. */
  payloadCharacters: 32_768,
  /** Refused grants that are kept, each once with its count. Past it the oldest is forgotten. */
  refusals: 100,
  /** Lines of the runtime itself that are kept. */
  lines: 100,
  /** Characters of such a line. */
  lineCharacters: 2_000,
  /** Connections that are listed, the newest. */
  connections: 50,
  /** Connections whose items are looked up, the newest. */
  connectionsWithItems: 20,
  /** Items that are looked up for a connection in each table. */
  items: 25,
  /** Log lines of an invocation that are shown, the newest. */
  logLines: 500,
  /** Bytes of a request to do something. */
  requestBytes: 4_096,
} as const;
