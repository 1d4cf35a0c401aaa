import { backOff, realWaiting, type Waiting } from '../backoff.ts';
import { runBounded } from '../run-bounded.ts';
import { FANOUT_BOUNDS } from './bounds.ts';
import type { Post, PostOutcome } from './post.ts';

/** What is due to one connection, in order. */
export interface Delivery {
  readonly connectionId: string;
  readonly connectedAt: number;
  readonly frames: readonly string[];
}

/** How a delivery ended; `frames` counts what reached the connection. */
export interface DeliveryResult {
  readonly delivery: Delivery;
  readonly outcome: PostOutcome;
  readonly frames: number;
}

/**
 * Posts every delivery: connections in parallel under a bound, the frames of one in sequence. Whoever was throttled or did
 * not answer is tried again in later rounds, when the others have theirs, and past the rounds is left. Never rejects.
 */
export async function deliver(
  deliveries: readonly Delivery[],
  post: Post,
  waiting: Waiting = realWaiting,
): Promise<DeliveryResult[]> {
  const settled: DeliveryResult[] = [];
  let open: DeliveryResult[] = deliveries.map((delivery) => ({ delivery, outcome: 'failed', frames: 0 }));
  for (let round = 0; open.length > 0; round++) {
    if (round > 0)
      await backOff(
        round,
        { baseMs: FANOUT_BOUNDS.RETRY_BACKOFF_MS, capMs: FANOUT_BOUNDS.RETRY_BACKOFF_CAP_MS },
        waiting,
      );
    const results = await runBounded(open, FANOUT_BOUNDS.POST_CONCURRENCY, (progress) => postFrames(progress, post));
    const retriable =
      round < FANOUT_BOUNDS.RETRY_ROUNDS ? results.filter(isRetriable).slice(0, FANOUT_BOUNDS.RETRY_CONNECTIONS) : [];
    const again = new Set(retriable);
    settled.push(...results.filter((result) => !again.has(result)));
    open = retriable;
  }
  return settled;
}

const isRetriable = ({ outcome }: DeliveryResult): boolean => outcome === 'throttled' || outcome === 'failed';

/** Goes on where the last round stopped, so that no frame overtakes another. */
async function postFrames({ delivery, frames }: DeliveryResult, post: Post): Promise<DeliveryResult> {
  let done = frames;
  for (const frame of delivery.frames.slice(frames)) {
    const outcome = await post(delivery.connectionId, frame);
    if (outcome !== 'delivered') return { delivery, outcome, frames: done };
    done++;
  }
  return { delivery, outcome: 'delivered', frames: done };
}
