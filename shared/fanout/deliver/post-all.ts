import { backOff, type Waiting } from '../../backoff.ts';
import { FANOUT_BOUNDS } from '../bounds.ts';
import type { Post, PostOutcome } from '../../post/post.ts';
import { runPastLate } from './run-with-late-lane.ts';
import type { SlowConnections } from './slow-connections.ts';

export interface DeliverDeps {
  readonly post: Post;
  readonly slow: SlowConnections;
  readonly waiting: Waiting;
  readonly now: () => number;
  /** Time for all posts; DELIVERY_MS unless said. */
  readonly deliveryMs?: number | undefined;
}

/** What is due to one connection, in order. */
export interface Delivery {
  readonly connectionId: string;
  readonly connectedAt: number;
  readonly frames: readonly string[];
}

/** How a delivery ended; `frames` counts what reached the connection. `skipped`: there was no time to try. */
export interface DeliveryResult {
  readonly delivery: Delivery;
  readonly outcome: PostOutcome | 'skipped';
  readonly frames: number;
}

/**
 * Posts every delivery: connections in parallel under a bound, the frames of one in sequence. Whoever was throttled or did
 * not answer is tried again in later rounds, when the others have theirs, and past the rounds is left; and from then on
 * comes last and once, until it takes something. Never rejects.
 */
export async function deliver(deps: DeliverDeps, deliveries: readonly Delivery[]): Promise<DeliveryResult[]> {
  const pass = startPass(deps);
  const { others, slow, silent, resting } = inTurn(deps.slow, deliveries);
  const [settled, triedBeside] = await Promise.all([
    deliverInRounds(deps, others, pass),
    pass(silent.map(presumedSilent), deps.slow.silentMs()),
  ]);
  const triedLast = await pass(slow.map(presumedSilent), asHere(deps, FANOUT_BOUNDS.SLOW_POST_TIMEOUT_MS));
  const tried = [...triedBeside, ...triedLast];
  remember(deps.slow, [...settled, ...tried]);
  return [...settled, ...[...tried, ...resting.map(presumedSilent)].map(asKnown)];
}

interface Turns {
  readonly others: readonly Delivery[];
  readonly slow: readonly Delivery[];
  /** Those of the slow that did not even answer. */
  readonly silent: readonly Delivery[];
  /** Those of them that are not tried at all now: they see their gap. */
  readonly resting: readonly Delivery[];
}

/** Who comes first and who last. Where all are slow they keep nobody waiting but one another. */
function inTurn(memory: SlowConnections, deliveries: readonly Delivery[]): Turns {
  const turnOf = ({ connectionId }: Delivery): keyof Turns => {
    if (!memory.has(connectionId)) return 'others';
    if (!memory.isSilent(connectionId)) return 'slow';
    return memory.isResting(connectionId) ? 'resting' : 'silent';
  };
  const { others = [], slow = [], silent = [], resting = [] } = Object.groupBy(deliveries, turnOf);
  if (others.length === 0) return { others, slow: [...slow, ...silent, ...resting], silent: [], resting: [] };
  return { others, slow, silent, resting };
}

function remember(memory: SlowConnections, results: readonly DeliveryResult[]): void {
  for (const { delivery, outcome } of results) {
    if (outcome === 'delivered') memory.remove(delivery.connectionId);
    if (outcome === 'throttled' || outcome === 'unanswered') memory.add(delivery.connectionId, outcome);
  }
}

type Pass = (open: readonly DeliveryResult[], timeoutMs: number) => Promise<DeliveryResult[]>;

async function deliverInRounds(
  deps: DeliverDeps,
  deliveries: readonly Delivery[],
  pass: Pass,
): Promise<DeliveryResult[]> {
  const startMs = deps.now();
  let results = await pass(deliveries.map(untried), FANOUT_BOUNDS.POST_TIMEOUT_MS);
  const { endMs, timeoutMs, isWorthIt } = planRounds(deps.now() - startMs, results);
  const roundsEndMs = startMs + endMs;
  const settled: DeliveryResult[] = [];
  for (let round = 1; round <= FANOUT_BOUNDS.RETRY_ROUNDS && deps.now() < roundsEndMs; round++) {
    const again = results.filter((result) => isWorthIt(result, round)).slice(0, FANOUT_BOUNDS.RETRY_CONNECTIONS);
    if (again.length === 0) break;
    const retried = new Set(again);
    settled.push(...results.filter((result) => !retried.has(result)));
    const capMs = Math.min(FANOUT_BOUNDS.RETRY_BACKOFF_CAP_MS, roundsEndMs - deps.now());
    // Who did not answer was waited for already.
    const isRefused = again.some(({ outcome }) => outcome !== 'unanswered');
    if (isRefused) await backOff(round, { baseMs: FANOUT_BOUNDS.RETRY_BACKOFF_MS, capMs }, deps.waiting);
    results = await pass(again, asHere(deps, timeoutMs));
  }
  return [...settled, ...results];
}

interface Rounds {
  /** Since the first post of all. */
  readonly endMs: number;
  /** Of each post. */
  readonly timeoutMs: number;
  readonly isWorthIt: (result: DeliveryResult, round: number) => boolean;
}

/** Everyone's next batch waits for the rounds: the fewer need them, the shorter they are. */
function planRounds(passedMs: number, results: readonly DeliveryResult[]): Rounds {
  const share = results.filter(isRetriable).length / Math.max(1, results.length);
  const roundsMs = Math.max(FANOUT_BOUNDS.ROUNDS_SHARE_MS, share * FANOUT_BOUNDS.ROUNDS_MS);
  const areFew = share <= FANOUT_BOUNDS.FEW_SHARE;
  return {
    endMs: Math.min(FANOUT_BOUNDS.ROUNDS_MS, passedMs + roundsMs),
    timeoutMs: Math.max(FANOUT_BOUNDS.SLOW_POST_TIMEOUT_MS, share * FANOUT_BOUNDS.POST_TIMEOUT_MS),
    isWorthIt: (result, round) => (areFew ? isOfUse(result, round) : isRetriable(result)),
  };
}

/** Few that do not answer are not worth more than a second try: who is late for a moment answers then. */
const isOfUse = (result: DeliveryResult, round: number): boolean =>
  isRetriable(result) && (result.outcome !== 'unanswered' || round === 1);

/** Where answers take longer than they should, deadlines grow as what is late does. */
const asHere = ({ slow }: DeliverDeps, timeoutMs: number): number =>
  Math.min(FANOUT_BOUNDS.POST_TIMEOUT_MS, (timeoutMs * slow.lateMs()) / FANOUT_BOUNDS.LATE_MS);

const isRetriable = ({ outcome }: DeliveryResult): boolean =>
  outcome === 'throttled' || outcome === 'unanswered' || outcome === 'failed';

const untried = (delivery: Delivery): DeliveryResult => ({ delivery, outcome: 'skipped', frames: 0 });

/** That a slow one does not answer is no news: it says nothing of the endpoint. */
const asKnown = (result: DeliveryResult): DeliveryResult =>
  result.outcome === 'unanswered' ? { ...result, outcome: 'throttled' } : result;

/** A slow one that is not tried, since too many others of them do not answer, must not fail the batch for everyone. */
const presumedSilent = (delivery: Delivery): DeliveryResult => ({ delivery, outcome: 'unanswered', frames: 0 });

/**
 * One try for each, until time is up, or until so many in a row got no answer that it cannot be their doing: what is left
 * then stays as it was. Each pass counts anew: connections that stay silent in one are no outage in the next.
 */
function startPass(deps: DeliverDeps): Pass {
  const { now, slow, deliveryMs = FANOUT_BOUNDS.DELIVERY_MS } = deps;
  const post = timed(deps);
  const endMs = now() + deliveryMs;
  return (open, timeoutMs) => {
    let unanswered = 0;
    return runPastLate(open, isAnswered, async (progress, onLate) => {
      if (now() >= endMs) return { ...progress, outcome: 'skipped' };
      if (unanswered >= FANOUT_BOUNDS.OUTAGE_POSTS) return progress;
      const patience = { timeoutMs, onLate, lateMs: slow.lateMs() };
      const result = await postFrames(progress, (connectionId, frame) => post(connectionId, frame, patience));
      unanswered = isAnswered(result) ? 0 : unanswered + 1;
      return result;
    });
  };
}

/** Learns from each answer how long they take. */
function timed({ post, slow, now }: DeliverDeps): Post {
  return async (...call) => {
    const startMs = now();
    const outcome = await post(...call);
    if (outcome !== 'unanswered' && outcome !== 'failed') slow.noteAnswer(now() - startMs);
    return outcome;
  };
}

const isAnswered = ({ outcome }: DeliveryResult): boolean =>
  outcome !== 'unanswered' && outcome !== 'failed' && outcome !== 'skipped';

/** Goes on where the last round stopped, so that no frame overtakes another. */
async function postFrames(
  { delivery, frames }: DeliveryResult,
  post: (connectionId: string, frame: string) => Promise<PostOutcome>,
): Promise<DeliveryResult> {
  let done = frames;
  for (const frame of delivery.frames.slice(frames)) {
    const outcome = await post(delivery.connectionId, frame);
    // A frame that nobody will ever take must not hold back those behind it.
    if (outcome !== 'delivered' && outcome !== 'refused') return { delivery, outcome, frames: done };
    done++;
  }
  return { delivery, outcome: 'delivered', frames: done };
}
