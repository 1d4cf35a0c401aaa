import { createNewest } from '../../newest.ts';
import type { Change } from '../stream-records.ts';

/** Time in ms for which the delivered part of a failed batch is remembered: as long as the batch may be retried. */
export const DELIVERED_MS = 600_000;
/** Number of topics and topic shards that a warm Lambda remembers; the oldest is forgotten. */
export const DELIVERED_SHARDS = 10_000;

/**
 * The memory of what was delivered of a failed batch. Lambda retries such a batch from its first failure on, most often
 * in the same environment: topics that have their changes already are then not delivered twice. Forgetting is safe,
 * since clients drop repeats.
 */
export interface DeliveredMemory {
  /** Returns whether a topic, or one shard of it, has this change. */
  readonly has: (topicShard: string, change: Change) => boolean;
  /** Records that a topic, or one shard of it, has this change and all before it. */
  readonly add: (topicShard: string, change: Change) => void;
}

/** The newest change that a topic or topic shard has. */
interface Delivered {
  readonly epoch: string;
  readonly seq: number;
  readonly untilMs: number;
}

/**
 * Creates the memory of a warm environment: a bounded number of topic shards, each for as long as a batch is retried.
 */
export function createDeliveredMemory(now: () => number): DeliveredMemory {
  const delivered = createNewest<string, Delivered>(DELIVERED_SHARDS);
  return {
    has: (topicShard, { head: { epoch, seq } }) => {
      const known = delivered.get(topicShard);
      return known !== undefined && known.epoch === epoch && seq <= known.seq && now() < known.untilMs;
    },
    add: (topicShard, { head: { epoch, seq } }) =>
      delivered.set(topicShard, { epoch, seq, untilMs: now() + DELIVERED_MS }),
  };
}
