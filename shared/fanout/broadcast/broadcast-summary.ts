import type { Subscriber } from '../../store/subscribers.ts';
import {
  countOutcomes,
  type DeliveryResult,
  isUndelivered,
  LOGGED_CONNECTIONS,
  nameMissed,
  type OutcomeCounts,
  sumCounts,
  type UndeliveredNames,
} from '../deliver/outcomes.ts';
import type { ShardTotals } from '../shards/deliver-by-workers.ts';
import type { Change } from '../stream-records.ts';

/** Number of trace ids in the log line of one batch. */
export const LOGGED_TRACES = 100;
/**
 * Number of topics that the log line of one batch names; the others are counted.
 * @limit operator
 */
export const LOGGED_TOPICS = 100;

/** The log line of a batch: sums for the alarms, and what an operator needs to trace one message. */
export interface BroadcastSummary extends OutcomeCounts {
  readonly records: number;
  readonly changes: number;
  /** The age in ms of the oldest delivered change; absent when nothing was delivered. */
  readonly lagMs?: number;
  /** The traces of the requests that caused the changes; absent when there is none. */
  readonly traceIds?: readonly string[];
  readonly topics: readonly TopicSummary[];
  /** The number of further topics; absent when all are named. */
  readonly unnamedTopics?: number;
  /** The connections that took some of their frames, and then no more. */
  readonly partly?: readonly { readonly connectionId: string; readonly taken: number; readonly of: number }[];
}

/** The part of one epoch of one topic. A subscriber that is named nowhere was delivered to. */
interface TopicSummary extends UndeliveredNames {
  readonly topic: string;
  readonly epoch: string;
  /** The first seq of the batch; of a counter, changes that were conflated away count, too. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly subscribers: number;
  /**
   * The changes were not delivered to everyone: there was no time, or nobody was reached. The batch is retried from
   * here.
   */
  readonly undone?: true;
  /** The publishers that asked not to get their own message back. */
  readonly excluded?: readonly { readonly seq: number; readonly connectionId: string }[];
}

/** The results of broadcasting a batch. */
export interface Broadcasted {
  /** The number of records in the batch. */
  readonly records: number;
  /** The changes that were read, including those that were then conflated away. */
  readonly read: readonly Change[];
  /** The changes that were posted. */
  readonly changes: readonly Change[];
  readonly subscribers: ReadonlyMap<string, readonly Subscriber[]>;
  readonly results: readonly DeliveryResult[];
  /** The changes that were not delivered to everyone. */
  readonly failed: readonly Change[];
  /**
   * By topic, the totals of shard workers, which name the connections that they did not reach in their own log lines.
   */
  readonly totals: ReadonlyMap<string, ShardTotals>;
}

/** Sums a batch up, for its log line and its metrics. */
export function summarize(batch: Broadcasted, nowMs: number): BroadcastSummary {
  const { records, changes, results, totals } = batch;
  const counts = sumCounts([countOutcomes(results), ...totals.values()]);
  const oldest = Math.min(...changes.map(({ head }) => head.publishedAt));
  const traceIds = traceIdsOf(changes);
  return {
    records,
    changes: changes.length,
    ...counts,
    ...(counts.delivered === 0 ? {} : { lagMs: nowMs - oldest }),
    ...(traceIds.length === 0 ? {} : { traceIds }),
    ...topicsOf(batch),
    ...partlyOf(results),
  };
}

/** Returns the distinct traces of the changes. */
const traceIdsOf = (changes: readonly Change[]): readonly string[] =>
  [...new Set(changes.flatMap(({ head: { traceId } }) => (traceId === undefined ? [] : [traceId])))].slice(
    0,
    LOGGED_TRACES,
  );

function topicsOf(batch: Broadcasted): Pick<BroadcastSummary, 'topics' | 'unnamedTopics'> {
  const done = [...Map.groupBy(batch.changes, epochOf).values()].map((changes) => ({ changes, isDone: true }));
  const undone = [...Map.groupBy(undoneOf(batch), epochOf).values()].map((changes) => ({ changes, isDone: false }));
  const parts = [...done, ...undone];
  const nameFew = namer(batch);
  const topics = parts.slice(0, LOGGED_TOPICS).map((part) => topicOf(batch, part, nameFew));
  const unnamedTopics = parts.length - topics.length;
  return { topics, ...(unnamedTopics === 0 ? {} : { unnamedTopics }) };
}

/** Returns a key for one epoch of one topic. A topic's name has no line break. */
const epochOf = ({ head: { topic, epoch } }: Change): string => `${topic}\n${epoch}`;

/** Returns, once a change failed, the changes of each topic's epoch after the last one that was done. */
function undoneOf({ read, changes, failed }: Broadcasted): Change[] {
  if (failed.length === 0) return [];
  const last = new Map<string, number>();
  for (const change of changes) last.set(epochOf(change), Math.max(change.head.seq, last.get(epochOf(change)) ?? 0));
  return read.filter((change) => change.head.seq > (last.get(epochOf(change)) ?? 0));
}

/** Changes of one epoch of one topic. */
interface EpochPart {
  readonly changes: readonly Change[];
  readonly isDone: boolean;
}

type NameFew = (topic: string) => UndeliveredNames;

function topicOf(
  { read, subscribers, totals }: Broadcasted,
  { changes, isDone }: EpochPart,
  nameFew: NameFew,
): TopicSummary {
  const [{ topic, epoch } = { topic: '', epoch: '' }] = changes.map(({ head }) => head);
  const lastSeq = Math.max(...changes.map(({ head }) => head.seq));
  // If a counter is done, the values that were conflated away are done, too.
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

/** Counts the connections that workers did not reach: the workers' own log lines name them. */
function unnamedOf(totals: ShardTotals | undefined): Pick<TopicSummary, 'unnamed'> {
  const unnamed = totals === undefined ? 0 : totals.connections - totals.delivered;
  return unnamed === 0 ? {} : { unnamed };
}

/**
 * Returns a function that names the undelivered connections of a topic, until the line has LOGGED_CONNECTIONS names.
 */
function namer({ results, subscribers }: Broadcasted): NameFew {
  const outcomes = new Map(
    results.filter(isUndelivered).map(({ delivery, outcome }) => [delivery.connectionId, outcome]),
  );
  let left: number = LOGGED_CONNECTIONS;
  return (topic) => {
    const missed =
      outcomes.size === 0
        ? []
        : (subscribers.get(topic) ?? []).flatMap(({ connectionId }) => {
            const outcome = outcomes.get(connectionId);
            return outcome === undefined ? [] : [{ connectionId, outcome }];
          });
    const few = nameMissed(missed, left);
    left = Math.max(0, left - missed.length);
    return few;
  };
}

function partlyOf(results: readonly DeliveryResult[]): Pick<BroadcastSummary, 'partly'> {
  const partly = results
    .filter((result) => isUndelivered(result) && result.frames > 0)
    .slice(0, LOGGED_CONNECTIONS)
    .map(({ delivery: { connectionId, frames }, frames: taken }) => ({ connectionId, taken, of: frames.length }));
  return partly.length === 0 ? {} : { partly };
}
