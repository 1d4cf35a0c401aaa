/** The speeds and bounds of the stream poller. AWS publishes its base rate only; the other values suit one machine. */
export interface PollTuning {
  /**
   * The mode. `fast`: poll as soon as something may have been written. `aws`: always AWS's base rate and hand-over
   * time.
   */
  readonly mode: 'fast' | 'aws';
  /** Time in ms between polls while records arrive. */
  readonly fastPollMs: number;
  /**
   * Time between polls as a multiple of the duration of the last poll, if longer than `fastPollMs`, and at most
   * `idlePollMs`. Leaves a busy engine to its writers.
   */
  readonly pollRest: number;
  /**
   * Time in ms after the last record or wake for which the poller stays at `fastPollMs`. After that, each empty poll
   * doubles the wait.
   */
  readonly activeMs: number;
  /** Minimum time in ms between two polls of a shard, however often it is woken. */
  readonly wakeGapMs: number;
  /**
   * Time in ms between two polls at AWS's base rate, 4 polls a second and shard. An idle poller in mode `fast` slows
   * down to it.
   */
  readonly idlePollMs: number;
  /**
   * Time in ms from reading to invoking in mode `aws`, so that a record is delivered 50–300 ms after it was written.
   */
  readonly awsHandOverMs: number;
  /** Time in ms between two reads of the list of shards. The list is also read when a shard has ended. */
  readonly discoveryMs: number;
  /**
   * Time in ms before the first retry of a failed batch, read or write of an object. Doubled for each further retry.
   */
  readonly retryBaseMs: number;
  /** Upper bound in ms of the time before a retry. */
  readonly retryCapMs: number;
  /** Records of a shard that wait or are in invocations, at which reading the shard pauses. */
  readonly readAheadRecords: number;
  /**
   * Records of a shard since its checkpoint, done or not, at which reading the shard pauses. Larger than
   * `readAheadRecords`, so that the other lanes go on while one of them retries a batch.
   */
  readonly readAheadSpan: number;
  /**
   * Bytes of event JSON that wait or are in invocations, at which reading the shard pauses. At least one page is always
   * read.
   */
  readonly readAheadBytes: number;
  /** Time in ms that `stop` waits for invocations in flight. Later results count as not done. */
  readonly stopWaitMs: number;
}

/** The tuning unless the options set another. */
export const DEFAULT_POLL_TUNING: PollTuning = {
  mode: 'fast',
  fastPollMs: 5,
  pollRest: 4,
  activeMs: 1_000,
  wakeGapMs: 2,
  idlePollMs: 250,
  awsHandOverMs: 50,
  discoveryMs: 10_000,
  retryBaseMs: 100,
  retryCapMs: 5_000,
  readAheadRecords: 20_000,
  readAheadSpan: 200_000,
  readAheadBytes: 64 * 1024 * 1024,
  stopWaitMs: 2_000,
};

/** Maximum number of doublings. More would exceed any cap and only overflow. */
const MAX_DOUBLINGS = 20;

/**
 * Returns the time in ms before attempt `failures + 1`: exponential, half of it random, so that lanes do not retry in
 * step.
 */
export function retryDelayMs(failures: number, tuning: PollTuning, random: () => number): number {
  const doublings = Math.min(Math.max(failures - 1, 0), MAX_DOUBLINGS);
  const fullMs = Math.min(tuning.retryBaseMs * 2 ** doublings, tuning.retryCapMs);
  return fullMs / 2 + (fullMs / 2) * random();
}
