/** The bounds of a gateway's edges. Each has a row in docs/limits.md. */
export const EDGE = {
  /**
   * Maximum number of a gateway's edges. More would only take processor time from the gateway that they feed.
   * @limit operator
   */
  count: 8,
  /** Deadline in ms for an edge to be ready. Past it the start fails. */
  startMs: 10_000,
  /** Memory of one HTTP/2 session in MB: some kilobytes for each connection. */
  sessionMegabytes: 1_024,
  /**
   * Time in ms after the gateway ended a connection, in which its last bytes can reach a client that reads. Then its
   * socket is destroyed.
   */
  lastWordsMs: 2_000,
  /** Flow-control window of one connection in bytes. */
  streamWindowBytes: 65_535,
  /** Flow-control window of all connections of an edge in bytes. */
  sessionWindowBytes: 16_777_216,
} as const;

/** The edge's file descriptor for the pipe to the gateway. */
export const PIPE = 3;

/** The HTTP/2 header with the client's address. */
export const SOURCE_HEADER = 'source-address';

/** The arguments of an edge's process. */
export interface EdgeArguments {
  /** The port to listen on. 0: any free port. */
  readonly port: number;
  /** Maximum number of connections at the same time. */
  readonly connections: number;
}

/** The one message of an edge: its port, or the error that kept it from listening. */
export type EdgeReport = { readonly port: number } | { readonly error: string };
