/** Speeds and bounds of the stream poller. AWS publishes its base rate only; the rest suits one machine. */
export interface PollTuning {
  /** `fast`: poll as soon as something may have been written. `aws`: AWS's base rate and hand-over time, always. */
  readonly mode: 'fast' | 'aws';
  /** Time between polls while records come. */
  readonly fastPollMs: number;
  /** The same as a multiple of what the poll took, if that is longer, `idlePollMs` at most: a busy engine is left to those who write. */
  readonly pollRest: number;
  /** How long after the last record or wake the poller stays at `fastPollMs`; then each empty poll doubles the wait. */
  readonly activeMs: number;
  /** Least time between two polls of a shard, however often it is woken. */
  readonly wakeGapMs: number;
  /** Polls in a row that found nothing after invocations of a function, after which these no longer wake the poller. */
  readonly uselessWakes: number;
  /** AWS's base rate, 4 polls a second and shard; also the wait that an idle `fast` poller decays to. */
  readonly idlePollMs: number;
  /** Mode `aws`: from reading to invoking, so that a record is picked up 50–300 ms after it was written. */
  readonly awsHandOverMs: number;
  /** The list of shards is read again so often; and at once when a shard ended. */
  readonly discoveryMs: number;
  /** Wait before the first retry of a failed batch, or of a read or an object that failed; doubled each time … */
  readonly retryBaseMs: number;
  /** … up to this. */
  readonly retryCapMs: number;
  /** Reading a shard stops while so many of its records wait or are in invocations. */
  readonly readAheadRecords: number;
  /** The same in bytes of event JSON; at least one page is always read. */
  readonly readAheadBytes: number;
  /** How long `stop` waits for invocations in flight; what ends later counts as not done. */
  readonly stopWaitMs: number;
}

/** What the runtime uses unless told otherwise. */
export const DEFAULT_POLL_TUNING: PollTuning = {
  mode: 'fast',
  fastPollMs: 5,
  pollRest: 4,
  activeMs: 1_000,
  wakeGapMs: 2,
  uselessWakes: 20,
  idlePollMs: 250,
  awsHandOverMs: 50,
  discoveryMs: 10_000,
  retryBaseMs: 100,
  retryCapMs: 5_000,
  readAheadRecords: 20_000,
  readAheadBytes: 64 * 1024 * 1024,
  stopWaitMs: 2_000,
};

/** Doublings beyond this change nothing under any cap and would only overflow. */
const MAX_DOUBLINGS = 20;

/** Exponential wait before try `failures + 1`, half of it random so that lanes do not retry in step. */
export function retryDelayMs(failures: number, tuning: PollTuning, random: () => number): number {
  const doublings = Math.min(Math.max(failures - 1, 0), MAX_DOUBLINGS);
  const fullMs = Math.min(tuning.retryBaseMs * 2 ** doublings, tuning.retryCapMs);
  return fullMs / 2 + (fullMs / 2) * random();
}
