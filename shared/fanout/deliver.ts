import { backOff, type Waiting } from '../backoff.ts';
import { runBounded } from '../run-bounded.ts';
import { FANOUT_BOUNDS } from './bounds.ts';
import type { Post, PostOutcome } from './post.ts';
import type { SlowConnections } from './slow-connections.ts';

export interface DeliverDeps {
  readonly post: Post;
  readonly slow: SlowConnections;
  readonly waiting: Waiting;
  readonly now: () => number;
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
  const slow = deliveries.filter(({ connectionId }) => deps.slow.has(connectionId));
  const others = deliveries.filter(({ connectionId }) => !deps.slow.has(connectionId));
  const settled = await deliverInRounds(deps, others, pass);
  const last = (await pass(slow.map(presumedSilent), FANOUT_BOUNDS.SLOW_POST_TIMEOUT_MS)).map(asKnown);
  for (const { delivery, outcome } of [...settled, ...last]) {
    if (outcome === 'delivered') deps.slow.remove(delivery.connectionId);
    if (outcome === 'throttled' || outcome === 'unanswered') deps.slow.add(delivery.connectionId);
  }
  return [...settled, ...last];
}

type Pass = (open: readonly DeliveryResult[], timeoutMs: number) => Promise<DeliveryResult[]>;

async function deliverInRounds(
  deps: DeliverDeps,
  deliveries: readonly Delivery[],
  pass: Pass,
): Promise<DeliveryResult[]> {
  const roundsEndMs = deps.now() + FANOUT_BOUNDS.ROUNDS_MS;
  let results = await pass(deliveries.map(untried), FANOUT_BOUNDS.POST_TIMEOUT_MS);
  const settled: DeliveryResult[] = [];
  for (let round = 1; round <= FANOUT_BOUNDS.RETRY_ROUNDS && deps.now() < roundsEndMs; round++) {
    const again = results.filter(isRetriable).slice(0, FANOUT_BOUNDS.RETRY_CONNECTIONS);
    if (again.length === 0) break;
    const retried = new Set(again);
    settled.push(...results.filter((result) => !retried.has(result)));
    await backOff(round, ROUND_BACKOFF, deps.waiting);
    results = await pass(again, FANOUT_BOUNDS.POST_TIMEOUT_MS);
  }
  return [...settled, ...results];
}

const ROUND_BACKOFF = { baseMs: FANOUT_BOUNDS.RETRY_BACKOFF_MS, capMs: FANOUT_BOUNDS.RETRY_BACKOFF_CAP_MS } as const;

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
function startPass({ post, now }: DeliverDeps): Pass {
  const endMs = now() + FANOUT_BOUNDS.DELIVERY_MS;
  return (open, timeoutMs) => {
    let unanswered = 0;
    return runBounded(open, FANOUT_BOUNDS.POST_CONCURRENCY, async (progress) => {
      if (now() >= endMs) return { ...progress, outcome: 'skipped' };
      if (unanswered >= FANOUT_BOUNDS.OUTAGE_POSTS) return progress;
      const result = await postFrames(progress, (connectionId, frame) => post(connectionId, frame, timeoutMs));
      const isSilent = result.outcome === 'unanswered' || result.outcome === 'failed';
      unanswered = isSilent ? unanswered + 1 : 0;
      return result;
    });
  };
}

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
