/** What a gateway and its edges have agreed on, and the bounds of it. Each bound stands in docs/limits.md too. */
export const EDGE = {
  /** Edges of a gateway: more would only take the processors from what they feed. */
  count: 8,
  /** Time in which an edge is ready. */
  startMs: 10_000,
  /** What one HTTP/2 session may hold in memory: some kilobytes for each of its connections. */
  sessionMegabytes: 1_024,
  /** After a connection was ended by the gateway: time for what it said last to reach a client that reads. */
  lastWordsMs: 2_000,
  /** Bytes under way for one connection before its reader has to go on; for all of an edge's. */
  streamWindowBytes: 65_535,
  sessionWindowBytes: 16_777_216,
} as const;

/** File descriptor of the edge that leads to the gateway. */
export const PIPE = 3;

/** Where a connection comes from. */
export const SOURCE_HEADER = 'source-address';

export interface EdgeArguments {
  /** 0: any that is free. */
  readonly port: number;
  /** Connections that it takes at once. */
  readonly connections: number;
}

/** What an edge tells once: the port that it listens on, or why it does not. */
export type EdgeReport = { readonly port: number } | { readonly error: string };
