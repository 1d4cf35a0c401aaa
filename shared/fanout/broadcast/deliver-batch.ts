import { runBounded } from '../../run-bounded.ts';
import type { Subscriber } from '../../store/subscribers.ts';
import { type Change, encodeChange, excludedBy, positionBefore } from '../stream-records.ts';
import type { DeliveredMemory } from '../deliver/delivered-memory.ts';
import type { DeliveryResult } from '../deliver/outcomes.ts';
import {
  deliverFrames,
  type DeliverFramesDeps,
  type DeliverFramesEvent,
  type Subscribers,
  TOPIC_CONCURRENCY,
} from '../deliver/deliver-frames.ts';
import { deliverByWorkers, type ShardTotals } from '../shards/deliver-by-workers.ts';
import type { InvokeShard } from '../shards/shard-task.ts';
import { countOwn } from './list-audience.ts';
import type { NoteSize } from './topic-growth.ts';

/** The dependencies of delivering a batch. */
export interface DeliverBatchDeps extends DeliverFramesDeps {
  /**
   * Lists the audience of a topic: the subscribers in its first `shards` shards, and those of the wildcards over it.
   * With 0 shards, those of the wildcards alone.
   */
  readonly audienceOf: (topic: string, shards: number) => Promise<readonly Subscriber[]>;
  readonly report: (event: DeliverBatchEvent) => void;
  /** Delivery by shard workers. Without it, topics of several shards are delivered directly, and no topic grows. */
  readonly sharding?: Sharding | undefined;
}

/** The dependencies of delivering topics with very many subscribers. */
export interface Sharding {
  readonly invoke: InvokeShard;
  readonly delivered: DeliveredMemory;
  readonly noteSize: NoteSize;
}

/** An event of a batch's delivery that operators should see. */
export type DeliverBatchEvent =
  | DeliverFramesEvent
  | {
      readonly event: 'index-failed' | 'shard-failed' | 'grow-failed';
      readonly error: unknown;
      readonly subject: string;
    };

/** The results of delivering a batch. */
export interface DeliveredBatch {
  /** The changes that were posted, directly or by workers, in stream order. */
  readonly changes: readonly Change[];
  /** The subscribers that were delivered to directly, by topic. */
  readonly subscribers: Subscribers;
  readonly results: readonly DeliveryResult[];
  /** By topic, the totals of what workers delivered. */
  readonly totals: ReadonlyMap<string, ShardTotals>;
  /** The last change that each topic, or each shard of a topic, has. */
  readonly last: ReadonlyMap<string, Change>;
  /** The changes that a subscriber lacks; the batch has to be delivered again from the first of them on. */
  readonly failed: readonly Change[];
}

/**
 * Delivers the changes of a batch, in stream order: topics of one shard directly, topics of several shards by workers,
 * both at the same time. To the subscribers of wildcards all topics are delivered directly.
 */
export async function deliverBatch(deps: DeliverBatchDeps, changes: readonly Change[]): Promise<DeliveredBatch> {
  const shards = shardsOf(changes);
  const { sharding } = deps;
  const isSharded = ({ head }: Change): boolean => sharding !== undefined && (shards.get(head.topic) ?? 1) > 1;
  const [direct, sharded] = await Promise.all([
    deliverDirectly(deps, changes, (change) => (isSharded(change) ? 0 : (shards.get(change.head.topic) ?? 1))),
    sharding === undefined ? NONE : deliverByWorkers({ ...deps, ...sharding }, changes.filter(isSharded)),
  ]);
  await noteSizes(deps, shards, { ...direct, ...sharded });
  const posted = new Set(direct.changes);
  return {
    ...direct,
    changes: changes.filter((change) => posted.has(change) || isSharded(change)),
    totals: sharded.totals,
    last: new Map([...direct.changes.map((change) => [change.head.topic, change] as const), ...sharded.last]),
    failed: [...direct.failed, ...sharded.failed],
  };
}

const NONE = { totals: new Map<string, ShardTotals>(), last: new Map<string, Change>(), failed: [] } as const;

/** Returns the number of shards of each topic, by its newest change. */
export function shardsOf(changes: readonly Change[]): ReadonlyMap<string, number> {
  const shards = new Map<string, number>();
  for (const { head, shards: own } of changes) shards.set(head.topic, Math.max(own, shards.get(head.topic) ?? 1));
  return shards;
}

async function noteSizes(
  { sharding }: DeliverBatchDeps,
  shards: ReadonlyMap<string, number>,
  { subscribers, totals }: Pick<DeliveredBatch, 'subscribers' | 'totals'>,
): Promise<void> {
  if (sharding === undefined) return;
  const sizes = Array.from(shards, ([topic, own]) => ({
    topic,
    shards: own,
    subscribers: totals.get(topic)?.subscribers ?? countOwn(subscribers.get(topic) ?? []),
  }));
  await runBounded(sizes, TOPIC_CONCURRENCY, sharding.noteSize);
}

type DeliveredDirectly = Pick<DeliveredBatch, 'changes' | 'subscribers' | 'results' | 'failed'>;

/** Returns the number of shards whose subscribers are due a change directly: 0 where workers deliver it. */
type DirectShards = (change: Change) => number;

/** Delivers the changes before the first one that fails, and none after it. */
async function deliverDirectly(
  deps: DeliverBatchDeps,
  changes: readonly Change[],
  shards: DirectShards,
): Promise<DeliveredDirectly> {
  const due = changes.filter((change) => deps.sharding?.delivered.has(change.head.topic, change) !== true);
  const listed = await listUpToFailure(deps, due, shards);
  const frames = listed.changes.map((change) => ({
    topic: change.head.topic,
    // A change that is due to nobody is not encoded: of a topic with workers, most often.
    text: listed.subscribers.get(change.head.topic)?.length === 0 ? '' : encodeChange(change),
    exclude: excludedBy(change),
    after: positionBefore(change.head),
  }));
  const { results, done } = await deliverFrames(deps, frames, listed.subscribers);
  return {
    changes: listed.changes.slice(0, done),
    subscribers: listed.subscribers,
    results,
    failed: due.slice(done, done + 1),
  };
}

/**
 * Lists the subscribers of the changes' topics, and keeps the changes before the first whose topic could not be listed.
 */
async function listUpToFailure(
  deps: DeliverBatchDeps,
  changes: readonly Change[],
  shards: DirectShards,
): Promise<Pick<DeliveredDirectly, 'changes' | 'subscribers'>> {
  const subscribers = new Map<string, readonly Subscriber[]>();
  const topics = [...new Map(changes.map((change) => [change.head.topic, shards(change)]))];
  await runBounded(topics, TOPIC_CONCURRENCY, async ([topic, own]) => {
    try {
      subscribers.set(topic, await deps.audienceOf(topic, own));
    } catch (error) {
      deps.report({ event: 'index-failed', error, subject: topic });
    }
  });
  const failed = changes.findIndex(({ head }) => !subscribers.has(head.topic));
  return { changes: failed === -1 ? changes : changes.slice(0, failed), subscribers };
}
