import type { Subscriber } from '../../store/subscribers.ts';
import { FANOUT_BOUNDS } from '../bounds.ts';
import type { Change } from '../stream-records.ts';
import type { DeliveryResult } from '../deliver/post-all.ts';
import type { ShardTotals } from '../shards/deliver-by-workers.ts';
import type { OutcomeCounts } from '../shards/shard-task.ts';

/** A batch in one log line: sums for the alarms, and what an operator needs to trace one message. */
export interface BroadcastSummary extends OutcomeCounts {
  readonly records: number;
  readonly changes: number;
  /** Age of the oldest delivered change, in milliseconds; absent when nothing was delivered. */
  readonly lagMs?: number;
  /** Traces of the requests that caused the changes; absent when there is none. */
  readonly traceIds?: readonly string[];
  readonly topics: readonly TopicSummary[];
  /** Topics that are not named; absent when all are. */
  readonly unnamedTopics?: number;
  /** Connections that took some of their frames, and then no more. */
  readonly partly?: readonly { readonly connectionId: string; readonly taken: number; readonly of: number }[];
}

/** What was posted of one topic, in one life of it. A subscriber who is named nowhere was delivered to. */
interface TopicSummary {
  readonly topic: string;
  readonly epoch: string;
  /** Of a counter also those that were conflated away. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly subscribers: number;
  /** Not done, whoever may have got it: this invocation had no time, or reached nobody. The batch is tried again from there. */
  readonly undone?: true;
  /** Who asked not to get its own message back. */
  readonly excluded?: readonly { readonly seq: number; readonly connectionId: string }[];
  readonly undelivered?: Undelivered;
  /** Connections that were not delivered to and are not named; absent when all are. */
  readonly unnamed?: number;
}

type Outcome = DeliveryResult['outcome'];
type Undelivered = Readonly<Partial<Record<Outcome, readonly string[]>>>;

/** A batch that was broadcast. */
export interface Broadcasted {
  /** Records of the batch. */
  readonly records: number;
  /** The changes that were read, with those that were then conflated away. */
  readonly read: readonly Change[];
  /** The changes that were posted. */
  readonly changes: readonly Change[];
  readonly subscribers: ReadonlyMap<string, readonly Subscriber[]>;
  readonly results: readonly DeliveryResult[];
  /** Changes from which on something was not done. */
  readonly failed: readonly Change[];
  /** By topic: what workers delivered, who name in their own log lines whom they did not reach. */
  readonly totals: ReadonlyMap<string, ShardTotals>;
}

/** Sums a batch up, for its log line and its metrics. */
export function summarize(batch: Broadcasted, nowMs: number): BroadcastSummary {
  const { records, changes, results, totals } = batch;
  const counts = [countOutcomes(results), ...totals.values()];
  const sum = (name: keyof OutcomeCounts): number => counts.reduce((total, each) => total + each[name], 0);
  const delivered = sum('delivered');
  const oldest = Math.min(...changes.map(({ head }) => head.publishedAt));
  const traceIds = traceIdsOf(changes);
  return {
    records,
    changes: changes.length,
    connections: sum('connections'),
    delivered,
    gone: sum('gone'),
    throttled: sum('throttled'),
    failed: sum('failed'),
    ...(delivered === 0 ? {} : { lagMs: nowMs - oldest }),
    ...(traceIds.length === 0 ? {} : { traceIds }),
    ...topicsOf(batch),
    ...partlyOf(results),
  };
}

/** How deliveries ended, in numbers. */
export function countOutcomes(results: readonly DeliveryResult[]): OutcomeCounts {
  const count = (wanted: Outcome): number => results.filter(({ outcome }) => outcome === wanted).length;
  return {
    connections: results.length,
    delivered: count('delivered'),
    gone: count('gone'),
    throttled: count('throttled'),
    failed: count('failed') + count('unanswered') + count('refused') + count('skipped'),
  };
}

/** A trace of several messages counts once. */
const traceIdsOf = (changes: readonly Change[]): readonly string[] =>
  [...new Set(changes.flatMap(({ head: { traceId } }) => (traceId === undefined ? [] : [traceId])))].slice(
    0,
    FANOUT_BOUNDS.LOGGED_TRACES,
  );

function topicsOf(batch: Broadcasted): Pick<BroadcastSummary, 'topics' | 'unnamedTopics'> {
  const done = [...Map.groupBy(batch.changes, lifeOf).values()].map((changes) => ({ changes, isDone: true }));
  const undone = [...Map.groupBy(undoneOf(batch), lifeOf).values()].map((changes) => ({ changes, isDone: false }));
  const lives = [...done, ...undone];
  const nameFew = namer(batch);
  const topics = lives.slice(0, FANOUT_BOUNDS.LOGGED_TOPICS).map((lot) => topicOf(batch, lot, nameFew));
  const unnamedTopics = lives.length - topics.length;
  return { topics, ...(unnamedTopics === 0 ? {} : { unnamedTopics }) };
}

/** One life of one topic. A topic's name has no line break. */
const lifeOf = ({ head: { topic, epoch } }: Change): string => `${topic}\n${epoch}`;

/** Once one change fails, what the batch has of each life of a topic after its last change that was done. */
function undoneOf({ read, changes, failed }: Broadcasted): Change[] {
  if (failed.length === 0) return [];
  const last = new Map<string, number>();
  for (const change of changes) last.set(lifeOf(change), Math.max(change.head.seq, last.get(lifeOf(change)) ?? 0));
  return read.filter((change) => change.head.seq > (last.get(lifeOf(change)) ?? 0));
}

interface Lot {
  /** Of one life of one topic. */
  readonly changes: readonly Change[];
  readonly isDone: boolean;
}

type UndeliveredNames = Pick<TopicSummary, 'undelivered' | 'unnamed'>;
type NameFew = (topic: string) => UndeliveredNames;

/** Names whom deliveries did not reach, as many as a log line may have. */
export const nameUndelivered = (results: readonly DeliveryResult[]): UndeliveredNames =>
  fewOf(results.filter(isUndelivered).map(missedOf), FANOUT_BOUNDS.LOGGED_CONNECTIONS);

const missedOf = ({ delivery: { connectionId }, outcome }: DeliveryResult): Missed => ({ connectionId, outcome });

function topicOf({ read, subscribers, totals }: Broadcasted, { changes, isDone }: Lot, nameFew: NameFew): TopicSummary {
  const [{ topic, epoch } = { topic: '', epoch: '' }] = changes.map(({ head }) => head);
  const lastSeq = Math.max(...changes.map(({ head }) => head.seq));
  // Of a counter that is done, what was conflated away is done too.
  const conflated = isDone ? read : changes;
  const seqs = conflated.flatMap(({ head }) => (head.topic === topic && head.epoch === epoch ? [head.seq] : []));
  const excluded = changes.flatMap(({ head }) =>
    head.kind === 'message' && head.exclude !== undefined ? [{ seq: head.seq, connectionId: head.exclude }] : [],
  );
  return {
    topic,
    epoch,
    firstSeq: Math.min(lastSeq, ...seqs),
    lastSeq,
    subscribers: totals.get(topic)?.subscribers ?? subscribers.get(topic)?.length ?? 0,
    ...(isDone ? {} : { undone: true as const }),
    ...(excluded.length === 0 ? {} : { excluded }),
    ...nameFew(topic),
    ...unnamedOf(totals.get(topic)),
  };
}

/** Workers name whom they did not reach in log lines of their own. */
function unnamedOf(totals: ShardTotals | undefined): Pick<TopicSummary, 'unnamed'> {
  const unnamed = totals === undefined ? 0 : totals.connections - totals.delivered;
  return unnamed === 0 ? {} : { unnamed };
}

/** Names those of a topic who were not delivered to, until the line has as many as it may. */
function namer({ results, subscribers }: Broadcasted): NameFew {
  const outcomes = new Map(
    results.filter(isUndelivered).map(({ delivery, outcome }) => [delivery.connectionId, outcome]),
  );
  let left: number = FANOUT_BOUNDS.LOGGED_CONNECTIONS;
  return (topic) => {
    const missed =
      outcomes.size === 0
        ? []
        : (subscribers.get(topic) ?? []).flatMap(({ connectionId }) => {
            const outcome = outcomes.get(connectionId);
            return outcome === undefined ? [] : [{ connectionId, outcome }];
          });
    const few = fewOf(missed, left);
    left = Math.max(0, left - missed.length);
    return few;
  };
}

interface Missed {
  readonly connectionId: string;
  readonly outcome: Outcome;
}

function fewOf(missed: readonly Missed[], most: number): UndeliveredNames {
  if (missed.length === 0) return {};
  const unnamed = Math.max(0, missed.length - most);
  return { undelivered: byOutcome(missed.slice(0, most)), ...(unnamed === 0 ? {} : { unnamed }) };
}

const isUndelivered = ({ outcome }: DeliveryResult): boolean => outcome !== 'delivered';

function byOutcome(named: readonly Missed[]): Undelivered {
  const groups = Map.groupBy(named, ({ outcome }) => outcome);
  return Object.fromEntries(
    Array.from(groups, ([outcome, some]) => [outcome, some.map(({ connectionId }) => connectionId)]),
  );
}

function partlyOf(results: readonly DeliveryResult[]): Pick<BroadcastSummary, 'partly'> {
  const partly = results
    .filter((result) => isUndelivered(result) && result.frames > 0)
    .slice(0, FANOUT_BOUNDS.LOGGED_CONNECTIONS)
    .map(({ delivery: { connectionId, frames }, frames: taken }) => ({ connectionId, taken, of: frames.length }));
  return partly.length === 0 ? {} : { partly };
}
