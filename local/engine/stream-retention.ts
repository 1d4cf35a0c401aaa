/** How long a stream's records stay when every consumer has passed them. What one has not passed always stays. */
export interface StreamRetention {
  /** A younger record stays, as on AWS … */
  readonly keepSeconds: number;
  /** … if it is one of the newest so many of its table: a developer's disk is no cloud. At least one always stays. */
  readonly keepRecords: number;
  /** Time between two looks at the streams. */
  readonly trimEveryMs: number;
  /** Records deleted at once: the engine's writers wait for about a millisecond meanwhile. */
  readonly batchRecords: number;
  /** Time between two such deletions, for writers to come in. */
  readonly batchPauseMs: number;
}

/** What the runtime uses unless told otherwise. */
export const DEFAULT_STREAM_RETENTION: StreamRetention = {
  keepSeconds: 86_400,
  keepRecords: 100_000,
  trimEveryMs: 10_000,
  batchRecords: 200,
  batchPauseMs: 2,
};
