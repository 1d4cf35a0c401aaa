import { createDeliveredMemory } from '../../shared/fanout/deliver/delivered-memory.ts';
import type { Sharding } from '../../shared/fanout/broadcast/deliver-batch.ts';
import { deliverShard } from '../../shared/fanout/shards/deliver-shard.ts';
import type { ShardAnswer, ShardTask } from '../../shared/fanout/shards/shard-task.ts';
import type { TopicSize } from '../../shared/fanout/broadcast/topic-growth.ts';
import {
  type BroadcastFixture,
  type BroadcastScript,
  CONNECTED_AT,
  createBroadcastFixture,
} from './broadcast-fixture.ts';

export interface ShardedFixture extends BroadcastFixture {
  readonly sharding: Sharding;
  /** Every call of a worker: `big#1: 1 2`, its place and the seqs. */
  readonly calls: string[];
  readonly sizes: TopicSize[];
}

export interface ShardedScript extends BroadcastScript {
  /** The connections in each shard of the topics that have several. */
  readonly shards?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** Stands between the broadcast and its workers. */
  readonly between?: (task: ShardTask, work: () => Promise<ShardAnswer>) => Promise<ShardAnswer>;
}

/** A world around `broadcast` in which workers do their work with the real code; a test may come between. */
export function createShardedFixture({ shards = {}, between, ...script }: ShardedScript): ShardedFixture {
  const world = createBroadcastFixture(script);
  const calls: string[] = [];
  const sizes: TopicSize[] = [];
  const listShard = async function* (topic: string, shard: number) {
    for (const connectionId of shards[topic]?.[shard] ?? []) {
      yield { connectionId, connectedAt: CONNECTED_AT, batch: false };
    }
  };
  const work = async (task: ShardTask) => (await deliverShard({ ...world, listShard }, task)).answer;
  const sharding: Sharding = {
    invoke: (task) => {
      calls.push(`${task.topic}#${task.shard}: ${task.frames.map(({ seq }) => seq).join(' ')}`);
      return between === undefined ? work(task) : between(task, () => work(task));
    },
    delivered: createDeliveredMemory(world.now),
    noteSize: async (size) => void sizes.push(size),
  };
  return { ...world, sharding, calls, sizes };
}
