import type { Subscriber } from '../../store/subscribers.ts';
import { countOutcomes, nameUndelivered } from '../deliver/outcomes.ts';
import { deliverFrames, type DeliverFramesDeps } from '../deliver/deliver-frames.ts';
import { positionBefore } from '../stream-records.ts';
import type { ShardAnswer, ShardTask } from './shard-task.ts';

/**
 * Time in ms for all posts of one shard worker.
 * @limit operator
 */
export const WORKER_DELIVERY_MS = 20_000;

/** The dependencies of a shard worker. */
export interface DeliverShardDeps extends DeliverFramesDeps {
  readonly listShard: (topic: string, shard: number) => AsyncIterable<Subscriber>;
}

/** The result of a shard worker. */
export interface DeliveredShard {
  readonly answer: ShardAnswer;
  /** The connections that were not reached, for the log. */
  readonly undelivered: ReturnType<typeof nameUndelivered>;
}

/**
 * Delivers a task's frames to the subscribers of its shard. Rejects, with nothing posted, when they cannot be listed.
 */
export async function deliverShard(
  deps: DeliverShardDeps,
  { topic, shard, frames }: ShardTask,
): Promise<DeliveredShard> {
  const subscribers = await Array.fromAsync(deps.listShard(topic, shard));
  const { results, done } = await deliverFrames(
    { ...deps, deliveryMs: WORKER_DELIVERY_MS },
    frames.map((frame) => ({ ...frame, topic, after: positionBefore(frame) })),
    new Map([[topic, subscribers]]),
  );
  return {
    answer: { done, subscribers: subscribers.length, ...countOutcomes(results) },
    undelivered: nameUndelivered(results),
  };
}
