import { createNewest } from '../newest.ts';
import type { BucketState, BucketUse } from '../store/shared-bucket.ts';

/**
 * Time in seconds of a rate that may be used at once, 10: a connection with 100 frames a second may send 1,000 at a
 * stretch. Those who open a connection a minute have the whole minute's number at once.
 * @limit client
 */
export const BURST_SECONDS = 10;

/**
 * Part of a limit, a quarter, up to which a warm Lambda counts by itself. Past it each frame costs one more call of
 * DynamoDB, by which all Lambdas count together. Frames that are spread evenly over more than four warm Lambdas of a
 * route can exceed the limit unnoticed: by their number over four.
 * @limit operator
 */
const LOCAL_SHARE = 0.25;

/**
 * Number of connections and subjects, each with each of its limits, that a warm Lambda counts. Past it the one that was
 * seen longest ago is forgotten, and its count begins again.
 * @limit operator
 */
const COUNTED = 10_000;

const MICROSECONDS = 1_000;

/** A limit on what one holder, a connection or a subject, does. */
export interface Rate {
  /** Number of units that are taken each period in the long run. */
  readonly units: number;
  readonly periodMs: number;
  /** Time in ms of the rate that may be used at once. */
  readonly burstMs: number;
}

/** A use of units by a holder. */
interface RateUse {
  /** The key of the holder's bucket. */
  readonly key: string;
  readonly rate: Rate;
  readonly units: number;
}

/** The dependencies of a rate limiter. */
export interface RateLimiterDeps {
  /** Counts a use in the bucket that all Lambdas share. Throws if that cannot be known. */
  readonly takeShared: (use: BucketUse) => Promise<BucketState>;
  /** Reports a use that was accepted because the shared bucket could not be reached. */
  readonly onFailure: (error: unknown) => void;
  /** Returns the time in epoch milliseconds. */
  readonly now: () => number;
}

/** Takes units. Resolves to the time in ms after which as much may be taken; 0 if it was taken. */
export type TakeRate = (use: RateUse) => Promise<number>;

/** The count of one holder in this warm Lambda. All times are epoch microseconds. */
interface Count {
  /** Time until which this Lambda's share is in use at the share's rate. */
  readonly localUs: number;
  /** Cost of the uses that the shared bucket does not contain yet. */
  readonly unsharedUs: number;
  /** Time until which every use is refused without asking. */
  readonly refusedUs: number;
  /** Time at which the last refused use may come again, as its sender was told. */
  readonly toldUs: number;
  /** Time until which every use is counted in the shared bucket: set at a refusal. */
  readonly strictUs: number;
  readonly knownUs: number | undefined;
}

type Cost = Pick<BucketUse, 'costUs' | 'burstUs' | 'nowUs'>;

const UNUSED: Count = { localUs: 0, unsharedUs: 0, refusedUs: 0, toldUs: 0, strictUs: 0, knownUs: undefined };

/**
 * Creates the rate limiter of a warm Lambda. A holder within `LOCAL_SHARE` of its limit here is counted here alone, and
 * costs no call. Past it the use, with what this Lambda has counted alone before, is taken from the shared bucket. A
 * refused holder is refused here without a call until its time, and for one burst after that counted in the shared
 * bucket only. Each of its refused uses is told a later time, as if they stood in line. A shared bucket that cannot be
 * reached refuses nobody.
 */
export function createRateLimiter(deps: RateLimiterDeps): TakeRate {
  const counts = createNewest<string, Count>(COUNTED);
  return async ({ key, rate, units }) => {
    const nowUs = deps.now() * MICROSECONDS;
    const count = counts.get(key) ?? UNUSED;
    const burstUs = rate.burstMs * MICROSECONDS;
    // No use is larger than the burst: it would be refused for ever.
    const costUs = Math.min(Math.round((units * rate.periodMs * MICROSECONDS) / rate.units), burstUs);
    const pauseMs = (refused: Count): number => {
      const toldUs = tellAfter(refused, { costUs, burstUs, nowUs });
      counts.set(key, { ...refused, toldUs });
      return toMs(toldUs - nowUs);
    };
    if (count.refusedUs > nowUs) return pauseMs(count);
    const localUs = Math.max(count.localUs, nowUs) + costUs / LOCAL_SHARE;
    if (nowUs >= count.strictUs && localUs - nowUs <= burstUs) {
      counts.set(key, { ...count, localUs, unsharedUs: unsharedOf(count, nowUs) + costUs });
      return 0;
    }
    const use = { key, costUs, owedUs: unsharedOf(count, nowUs), burstUs, nowUs, knownUs: count.knownUs };
    const bucket = await ask(deps, use);
    const next = bucket === undefined ? count : countAfter(count, bucket, use);
    if (next.refusedUs > nowUs) return pauseMs(next);
    counts.set(key, next);
    return 0;
  };
}

/**
 * Returns the time at which a refused use may come again: the end of the pause, or behind the use that was refused
 * last, but at most a burst from now. Senders of many refused frames that wait as told do not come back all at once.
 * This Lambda counts on others that refuse as many.
 */
function tellAfter({ toldUs, refusedUs }: Count, { costUs, burstUs, nowUs }: Cost): number {
  return toldUs < refusedUs ? refusedUs : Math.max(refusedUs, Math.min(toldUs + costUs / LOCAL_SHARE, nowUs + burstUs));
}

/** Returns the cost that is not shared yet, without what has been refilled since at the share's rate. */
const unsharedOf = ({ unsharedUs, localUs }: Count, nowUs: number): number =>
  Math.round(Math.min(unsharedUs, Math.max(localUs - nowUs, 0) * LOCAL_SHARE));

async function ask({ takeShared, onFailure }: RateLimiterDeps, use: BucketUse): Promise<BucketState | undefined> {
  try {
    return await takeShared(use);
  } catch (error) {
    onFailure(error);
    return undefined;
  }
}

function countAfter(count: Count, { isTaken, fillUs }: BucketState, { costUs, burstUs, nowUs }: BucketUse): Count {
  if (isTaken) return { ...count, unsharedUs: 0, knownUs: fillUs };
  const refusedUs = fillUs + costUs - burstUs;
  const strictUs = Math.max(refusedUs, nowUs) + burstUs;
  // The share counts as used up meanwhile, so that what is not shared yet stays owed in full.
  return { ...count, knownUs: fillUs, refusedUs, strictUs, localUs: strictUs };
}

const toMs = (us: number): number => Math.ceil(us / MICROSECONDS);
