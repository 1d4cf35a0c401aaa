import { backOff, type Waiting } from '../../backoff.ts';
import { type Post, POST_TIMEOUT_MS, type PostOutcome } from '../../post/post.ts';
import {
  areFew,
  createOutageWatch,
  isAnswered,
  type Lateness,
  type ConnectionPace,
  SLOW_POST_TIMEOUT_MS,
  unansweredAsThrottled,
} from './lateness.ts';
import type { Delivery, DeliveryResult } from './outcomes.ts';
import { runWithLateLane } from './run-with-late-lane.ts';

/**
 * Time in ms for all posts of one invocation. Posts that were not tried by then are retried with the batch.
 * @limit operator
 */
export const DELIVERY_MS = 45_000;
/** Number of retry rounds for throttled and unanswered connections, after every first attempt. */
export const RETRY_ROUNDS = 4;
/** Time in ms for all retry rounds if every connection needs them; a round begins only within its share of it. */
export const ROUNDS_MS = 2_500;
/** Lower bound in ms of the time for retry rounds. */
export const ROUNDS_SHARE_MS = 100;
/** Full jitter in ms up to this before the first retry round, doubled with each round. */
export const RETRY_BACKOFF_MS = 100;
/** Upper bound in ms of the wait before one retry round. */
export const RETRY_BACKOFF_CAP_MS = 400;
/** Number of connections that stay in the retry rounds; the others see a gap and catch up. */
export const RETRY_CONNECTIONS = 256;

/** The dependencies of posting. */
export interface PostAllDeps {
  readonly post: Post;
  readonly lateness: Lateness;
  readonly waiting: Waiting;
  readonly now: () => number;
  /** Time in ms for all posts; DELIVERY_MS by default. */
  readonly deliveryMs?: number | undefined;
  /** Deadline in ms of a first post; POST_TIMEOUT_MS by default. */
  readonly timeoutMs?: number | undefined;
  /** Time in ms for all retry rounds if every connection needs them; ROUNDS_MS by default. */
  readonly roundsMs?: number | undefined;
  /** The outcomes that are retried in rounds; throttled, unanswered and failed by default. */
  readonly retried?: ReadonlySet<DeliveryResult['outcome']> | undefined;
}

/**
 * Posts every delivery: connections in parallel under a bound, the frames of one connection in sequence. Never rejects.
 *
 * A throttled or unanswered delivery is retried in up to RETRY_ROUNDS rounds, after every first attempt. A connection
 * that exhausts its rounds is remembered as slow: later batches post to it once, last or beside the others, until a
 * post succeeds (docs/lateness.md).
 */
export async function postAll(deps: PostAllDeps, deliveries: readonly Delivery[]): Promise<DeliveryResult[]> {
  const { lateness } = deps;
  const pass = startPass(deps);
  const { prompt, throttled, silent, resting } = byPace(lateness, deliveries);
  const [settled, triedBeside] = await Promise.all([
    postInRounds(deps, prompt, pass),
    pass(silent.map(presumedSilent), lateness.silentMs()),
  ]);
  const triedLast = await pass(throttled.map(presumedSilent), lateness.scaledTimeout(SLOW_POST_TIMEOUT_MS));
  const tried = [...triedBeside, ...triedLast];
  for (const result of [...settled, ...tried]) lateness.noteResult(result);
  return [...settled, ...[...tried, ...resting.map(presumedSilent)].map(unansweredAsThrottled)];
}

/**
 * Groups deliveries by the pace of their connections. If none is prompt, the slow ones delay only one another: all are
 * tried.
 */
function byPace(
  lateness: Lateness,
  deliveries: readonly Delivery[],
): Readonly<Record<ConnectionPace, readonly Delivery[]>> {
  const paceOf = ({ connectionId }: Delivery): ConnectionPace => lateness.paceOf(connectionId);
  const { prompt = [], throttled = [], silent = [], resting = [] } = Object.groupBy(deliveries, paceOf);
  if (prompt.length > 0) return { prompt, throttled, silent, resting };
  return { prompt, throttled: [...throttled, ...silent, ...resting], silent: [], resting: [] };
}

/** A pass: one try for each open delivery, with this deadline in ms for each post. */
type Pass = (open: readonly DeliveryResult[], timeoutMs: number) => Promise<DeliveryResult[]>;

async function postInRounds(deps: PostAllDeps, deliveries: readonly Delivery[], pass: Pass): Promise<DeliveryResult[]> {
  const startMs = deps.now();
  let results = await pass(deliveries.map(untried), deps.timeoutMs ?? POST_TIMEOUT_MS);
  const { endMs, timeoutMs, isWorthIt } = planRounds(deps, deps.now() - startMs, results);
  const roundsEndMs = startMs + endMs;
  const settled: DeliveryResult[] = [];
  for (let round = 1; round <= RETRY_ROUNDS && deps.now() < roundsEndMs; round++) {
    const again = results.filter((result) => isWorthIt(result, round)).slice(0, RETRY_CONNECTIONS);
    if (again.length === 0) break;
    const retried = new Set(again);
    settled.push(...results.filter((result) => !retried.has(result)));
    const capMs = Math.min(RETRY_BACKOFF_CAP_MS, roundsEndMs - deps.now());
    // An unanswered post has waited for its deadline already.
    const isRefused = again.some(({ outcome }) => outcome !== 'unanswered');
    if (isRefused) await backOff(round, { baseMs: RETRY_BACKOFF_MS, capMs }, deps.waiting);
    results = await pass(again, deps.lateness.scaledTimeout(timeoutMs));
  }
  return [...settled, ...results];
}

interface Rounds {
  /** Time in ms from the first post of all until the last round may begin. */
  readonly endMs: number;
  /** Deadline in ms of each post. */
  readonly timeoutMs: number;
  readonly isWorthIt: (result: DeliveryResult, round: number) => boolean;
}

/** Everyone's next batch waits for the rounds: the fewer connections need them, the shorter they are. */
function planRounds(
  { roundsMs: allRoundsMs = ROUNDS_MS, retried = RETRIED }: PostAllDeps,
  passedMs: number,
  results: readonly DeliveryResult[],
): Rounds {
  const isRetriable = ({ outcome }: DeliveryResult): boolean => retried.has(outcome);
  const retriable = results.filter(isRetriable).length;
  const share = retriable / Math.max(1, results.length);
  const roundsMs = Math.max(ROUNDS_SHARE_MS, share * allRoundsMs);
  const isOwnDoing = areFew(retriable, results.length);
  return {
    endMs: Math.min(allRoundsMs, passedMs + roundsMs),
    timeoutMs: Math.max(SLOW_POST_TIMEOUT_MS, share * POST_TIMEOUT_MS),
    isWorthIt: (result, round) => isRetriable(result) && (!isOwnDoing || isOfUse(result, round)),
  };
}

/** A few connections that do not answer get one more try: a connection that was late for a moment answers then. */
const isOfUse = ({ outcome }: DeliveryResult, round: number): boolean => outcome !== 'unanswered' || round === 1;

const RETRIED: ReadonlySet<DeliveryResult['outcome']> = new Set(['throttled', 'unanswered', 'failed']);

const untried = (delivery: Delivery): DeliveryResult => ({ delivery, outcome: 'skipped', frames: 0 });

/**
 * A slow connection that a pass leaves out, because too many others do not answer, must not fail the batch for
 * everyone.
 */
const presumedSilent = (delivery: Delivery): DeliveryResult => ({ delivery, outcome: 'unanswered', frames: 0 });

/**
 * Returns a pass that goes on until time is up, or until so many posts in a row were unanswered that the endpoint must
 * be down; the other deliveries then stay as they were. Each pass counts anew: connections that stay silent in one are
 * no outage in the next.
 */
function startPass(deps: PostAllDeps): Pass {
  const { now, lateness, deliveryMs = DELIVERY_MS } = deps;
  const post = timed(deps);
  const endMs = now() + deliveryMs;
  return (open, timeoutMs) => {
    const outage = createOutageWatch();
    return runWithLateLane(open, isAnswered, async (progress, onLate) => {
      if (now() >= endMs) return { ...progress, outcome: 'skipped' };
      if (outage.isOutage()) return progress;
      const deadline = { timeoutMs, onLate, lateMs: lateness.lateMs() };
      const result = await postFrames(progress, (connectionId, frame) => post(connectionId, frame, deadline));
      outage.note(result);
      return result;
    });
  };
}

/** Wraps a post so that the lateness policy learns how long each answer takes. */
function timed({ post, lateness, now }: PostAllDeps): Post {
  return async (...call) => {
    const startMs = now();
    const outcome = await post(...call);
    if (outcome !== 'unanswered' && outcome !== 'failed') lateness.noteAnswer(now() - startMs);
    return outcome;
  };
}

/** Posts the frames of one connection from where the last round stopped, so that no frame overtakes another. */
async function postFrames(
  { delivery, frames }: DeliveryResult,
  post: (connectionId: string, frame: string) => Promise<PostOutcome>,
): Promise<DeliveryResult> {
  let done = frames;
  for (const frame of delivery.frames.slice(frames)) {
    const outcome = await post(delivery.connectionId, frame);
    // A frame that no connection would ever take must not hold back those behind it.
    if (outcome !== 'delivered' && outcome !== 'refused') return { delivery, outcome, frames: done };
    done++;
  }
  return { delivery, outcome: 'delivered', frames: done };
}
