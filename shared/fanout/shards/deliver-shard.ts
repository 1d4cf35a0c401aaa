import type { Subscriber } from '../../store/subscribers.ts';
import { FANOUT_BOUNDS } from '../bounds.ts';
import { countOutcomes, nameUndelivered } from '../broadcast/broadcast-summary.ts';
import { deliverToSubscribers, type SubscriberDeliveryDeps } from '../deliver/deliver-frames.ts';
import type { ShardAnswer, ShardTask } from './shard-task.ts';

export interface FanOutDeps extends SubscriberDeliveryDeps {
  readonly listShard: (topic: string, shard: number) => AsyncIterable<Subscriber>;
}

export interface FannedOut {
  readonly answer: ShardAnswer;
  /** Whom it did not reach, for the log. */
  readonly undelivered: ReturnType<typeof nameUndelivered>;
}

/** Does what the broadcast asks of a worker. Rejects when the shard's subscribers cannot be listed: nothing was posted then. */
export async function fanOut(deps: FanOutDeps, { topic, shard, frames }: ShardTask): Promise<FannedOut> {
  const subscribers = await Array.fromAsync(deps.listShard(topic, shard));
  const { results, done } = await deliverToSubscribers(
    { ...deps, deliveryMs: FANOUT_BOUNDS.WORKER_DELIVERY_MS },
    frames.map((frame) => ({ ...frame, topic })),
    new Map([[topic, subscribers]]),
  );
  return {
    answer: { done, subscribers: subscribers.length, ...countOutcomes(results) },
    undelivered: nameUndelivered(results),
  };
}
