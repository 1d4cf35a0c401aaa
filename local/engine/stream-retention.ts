/**
 * The retention of stream records that every consumer has passed. Records that a consumer has not passed always stay.
 */
export interface StreamRetention {
  /** Age in seconds up to which a record stays, as on AWS. Default: 24 hours. */
  readonly keepSeconds: number;
  /**
   * Number of a table's newest records that stay within that age, so that a developer's disk does not fill up. Default:
   * 100,000; at least one always stays.
   */
  readonly keepRecords: number;
  /** Time in ms between two trims. Default: 10,000. */
  readonly trimEveryMs: number;
  /** Records deleted in one statement. Default: 200, for which the engine's writers wait about a millisecond. */
  readonly batchRecords: number;
  /** Pause in ms between two deletions, in which writers get the lock. Default: 2. */
  readonly batchPauseMs: number;
}

/** The retention unless the options set another. */
export const DEFAULT_STREAM_RETENTION: StreamRetention = {
  keepSeconds: 86_400,
  keepRecords: 100_000,
  trimEveryMs: 10_000,
  batchRecords: 200,
  batchPauseMs: 2,
};
