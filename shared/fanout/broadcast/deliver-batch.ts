import { runBounded } from '../../run-bounded.ts';
import type { Subscriber } from '../../store/subscribers.ts';
import { FANOUT_BOUNDS } from '../bounds.ts';
import { type Change, encodeChange, excludedBy } from '../stream-records.ts';
import type { DeliveredMemory } from '../deliver/delivered-memory.ts';
import type { DeliveryResult } from '../deliver/post-all.ts';
import {
  deliverToSubscribers,
  type SubscriberDeliveryDeps,
  type SubscriberDeliveryEvent,
  type Subscribers,
} from '../deliver/deliver-frames.ts';
import { fanOutToShards, type ShardTotals } from '../shards/deliver-by-workers.ts';
import type { InvokeShard } from '../shards/shard-task.ts';
import type { NoteSize } from './topic-growth.ts';

export interface DeliverChangesDeps extends SubscriberDeliveryDeps {
  /** Those in the first `shards` shards of a topic. */
  readonly listSubscribers: (topic: string, shards: number) => AsyncIterable<Subscriber>;
  readonly report: (event: DeliverChangesEvent) => void;
  /** Without it topics of several shards are delivered from here, and none grows. */
  readonly sharding?: Sharding | undefined;
}

/** What topics of very many subscribers need. */
export interface Sharding {
  readonly invoke: InvokeShard;
  readonly delivered: DeliveredMemory;
  readonly noteSize: NoteSize;
}

export type DeliverChangesEvent =
  | SubscriberDeliveryEvent
  | {
      readonly event: 'index-failed' | 'shard-failed' | 'grow-failed';
      readonly error: unknown;
      readonly subject: string;
    };

export interface DeliveredChanges {
  /** Those that were posted, from here or by workers, in stream order. */
  readonly changes: readonly Change[];
  /** Of the topics that were delivered from here. */
  readonly subscribers: Subscribers;
  readonly results: readonly DeliveryResult[];
  /** By topic, of those that workers delivered. */
  readonly totals: ReadonlyMap<string, ShardTotals>;
  /** The last change that each place has: a topic, or one shard of it. */
  readonly last: ReadonlyMap<string, Change>;
  /** Changes that someone lacks, and from which on the batch has to be delivered again. */
  readonly failed: readonly Change[];
}

/**
 * Delivers changes of any topics, in stream order. A topic of one shard is delivered from here, any other by workers, at the
 * same time.
 */
export async function deliverChanges(deps: DeliverChangesDeps, changes: readonly Change[]): Promise<DeliveredChanges> {
  const shards = shardsOf(changes);
  const { sharding } = deps;
  const isSharded = ({ head }: Change): boolean => sharding !== undefined && (shards.get(head.topic) ?? 1) > 1;
  const [direct, sharded] = await Promise.all([
    deliverFromHere(
      deps,
      changes.filter((change) => !isSharded(change)),
      shards,
    ),
    sharding === undefined ? NONE : fanOutToShards({ ...deps, ...sharding }, changes.filter(isSharded)),
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

/** The shards of each topic: those of its newest change. */
export function shardsOf(changes: readonly Change[]): ReadonlyMap<string, number> {
  const shards = new Map<string, number>();
  for (const { head, shards: own } of changes) shards.set(head.topic, Math.max(own, shards.get(head.topic) ?? 1));
  return shards;
}

async function noteSizes(
  { sharding }: DeliverChangesDeps,
  shards: ReadonlyMap<string, number>,
  { subscribers, totals }: Pick<DeliveredChanges, 'subscribers' | 'totals'>,
): Promise<void> {
  if (sharding === undefined) return;
  const sizes = Array.from(shards, ([topic, own]) => ({
    topic,
    shards: own,
    subscribers: totals.get(topic)?.subscribers ?? subscribers.get(topic)?.length ?? 0,
  }));
  await runBounded(sizes, FANOUT_BOUNDS.TOPIC_CONCURRENCY, sharding.noteSize);
}

type FromHere = Pick<DeliveredChanges, 'changes' | 'subscribers' | 'results' | 'failed'>;

/** What comes before a failure is delivered; nothing after it is. */
async function deliverFromHere(
  deps: DeliverChangesDeps,
  changes: readonly Change[],
  shards: ReadonlyMap<string, number>,
): Promise<FromHere> {
  const due = changes.filter((change) => deps.sharding?.delivered.has(change.head.topic, change) !== true);
  const listed = await listUpToFailure(deps, due, shards);
  const frames = listed.changes.map((change) => ({
    topic: change.head.topic,
    text: encodeChange(change),
    exclude: excludedBy(change),
  }));
  const { results, done } = await deliverToSubscribers(deps, frames, listed.subscribers);
  return {
    changes: listed.changes.slice(0, done),
    subscribers: listed.subscribers,
    results,
    failed: due.slice(done, done + 1),
  };
}

/** Lists the subscribers of the changes' topics, and keeps the changes before the first whose topic could not be listed. */
async function listUpToFailure(
  deps: DeliverChangesDeps,
  changes: readonly Change[],
  shards: ReadonlyMap<string, number>,
): Promise<Pick<FromHere, 'changes' | 'subscribers'>> {
  const subscribers = new Map<string, readonly Subscriber[]>();
  const topics = [...new Set(changes.map(({ head }) => head.topic))];
  await runBounded(topics, FANOUT_BOUNDS.TOPIC_CONCURRENCY, async (topic) => {
    try {
      subscribers.set(topic, await Array.fromAsync(deps.listSubscribers(topic, shards.get(topic) ?? 1)));
    } catch (error) {
      deps.report({ event: 'index-failed', error, subject: topic });
    }
  });
  const failed = changes.findIndex(({ head }) => !subscribers.has(head.topic));
  return { changes: failed === -1 ? changes : changes.slice(0, failed), subscribers };
}
