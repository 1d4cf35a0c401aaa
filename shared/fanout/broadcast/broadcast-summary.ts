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
import { type Change, excludedBy } from '../stream-records.ts';

/** Number of trace ids in one log line. */
export const LOGGED_TRACES = 100;
/** Number of messages in one log line whose publisher asked not to get them back; others are left out. */
export const LOGGED_EXCLUDED = 500;

/** The results of a batch: sums for the metrics, and its log lines. A connection counts once in the sums. */
export interface BroadcastSummary extends OutcomeCounts {
  /** The age in ms of the oldest delivered change; absent when nothing was delivered. */
  readonly lagMs?: number;
  /**
   * A line for each topic, and none for a batch without changes. Their number is bounded by the batch size of the event
   * source mapping: a record belongs to one topic.
   */
  readonly lines: readonly BroadcastLine[];
}

/**
 * The log line of one topic in a batch: counts, and what an operator needs to trace one message. A topic that began a
 * new epoch within the batch has a line for each epoch. A connection counts once in each line, so once for each of its
 * topics. A subscriber that no list names was delivered to. Lists come last: Logs Insights discovers only the first 200
 * fields of a line.
 */
export interface BroadcastLine extends OutcomeCounts, UndeliveredNames {
  readonly topic: string;
  readonly epoch: string;
  /** The first seq of the batch; of a counter, changes that were conflated away count, too. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /**
   * The first seq that was not delivered to everyone, since there was no time or nobody was reached: the batch is
   * retried from there. Absent when all were delivered.
   */
  readonly retriedFromSeq?: number;
  /** The number of changes that were posted. */
  readonly changes: number;
  readonly subscribers: number;
  /** The age in ms of the oldest delivered change at the end of the batch; absent when nothing was delivered. */
  readonly lagMs?: number;
  /** The number of records in the whole batch. */
  readonly batchRecords: number;
  /** The number of lines of the whole batch. */
  readonly batchLines: number;
  /** The traces of the requests that caused the changes; absent when there is none. */
  readonly traceIds?: readonly string[];
  /** The publishers that asked not to get their own message back. */
  readonly excludedPublishers?: readonly { readonly seq: number; readonly connectionId: string }[];
  /** The connections that took some of their frames of the whole batch, and then no more. */
  readonly partlyDelivered?: readonly PartlyDelivered[];
}

/** A connection that took only its first frames of a batch. */
interface PartlyDelivered {
  readonly connectionId: string;
  /** The number of frames that it took. */
  readonly taken: number;
  /** The number of its frames. */
  readonly of: number;
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
   * The totals of shard workers by topic. The workers name the connections that they did not reach in their own log
   * lines.
   */
  readonly totals: ReadonlyMap<string, ShardTotals>;
}

/** Sums a batch up, for its metrics and its log lines. */
export function summarize(batch: Broadcasted, nowMs: number): BroadcastSummary {
  const { changes, results, totals } = batch;
  const counts = sumCounts([countOutcomes(results), ...totals.values()]);
  return { ...counts, ...lagOf(changes, counts, nowMs), lines: linesOf(batch, nowMs) };
}

const lagOf = (changes: readonly Change[], { delivered }: OutcomeCounts, nowMs: number) =>
  delivered === 0 || changes.length === 0
    ? {}
    : { lagMs: nowMs - Math.min(...changes.map(({ head }) => head.publishedAt)) };

function linesOf(batch: Broadcasted, nowMs: number): BroadcastLine[] {
  const parts = partsOf(batch);
  const reach = reachOf(batch);
  return parts.map((part) => {
    const { counts, subscribers, ...names } = reach(part);
    return {
      ...seqsOf(part),
      changes: part.posted.length,
      subscribers,
      ...counts,
      ...lagOf(part.posted, counts, nowMs),
      batchRecords: batch.records,
      batchLines: parts.length,
      ...tracesOf(part),
      ...excludedOf(part),
      ...names,
    };
  });
}

/** The changes of one epoch of one topic in a batch. */
interface TopicPart {
  readonly topic: string;
  readonly epoch: string;
  /** The changes that were read, including those that were then conflated away. */
  readonly read: readonly Change[];
  readonly posted: readonly Change[];
  /** The changes after the last one that was posted, once a change of the batch failed. */
  readonly undone: readonly Change[];
}

/** Divides a batch by topic and epoch. Leaves out the changes that were neither posted nor failed to be. */
function partsOf({ read, changes, failed }: Broadcasted): TopicPart[] {
  const postedBy = Map.groupBy(changes, epochOf);
  return Array.from(Map.groupBy(read, epochOf), ([key, own]) => {
    const [{ topic, epoch } = { topic: '', epoch: '' }] = own.map(({ head }) => head);
    const posted = postedBy.get(key) ?? [];
    const last = Math.max(0, ...posted.map(({ head }) => head.seq));
    const undone = failed.length === 0 ? [] : own.filter(({ head }) => head.seq > last);
    return { topic, epoch, read: own, posted, undone };
  }).filter(({ posted, undone }) => posted.length + undone.length > 0);
}

/** Returns a key for one epoch of one topic. A topic's name has no line break. */
const epochOf = ({ head: { topic, epoch } }: Change): string => `${topic}\n${epoch}`;

function seqsOf({ topic, epoch, read, posted, undone }: TopicPart) {
  const seqs = (changes: readonly Change[]): number[] => changes.map(({ head }) => head.seq);
  return {
    topic,
    epoch,
    firstSeq: Math.min(...seqs(read)),
    lastSeq: Math.max(...seqs(posted), ...seqs(undone)),
    ...(undone.length === 0 ? {} : { retriedFromSeq: Math.min(...seqs(undone)) }),
  };
}

/** Returns the distinct traces of the changes that were posted. */
function tracesOf({ posted }: TopicPart): Pick<BroadcastLine, 'traceIds'> {
  const traceIds = new Set(posted.flatMap(({ head: { traceId } }) => (traceId === undefined ? [] : [traceId])));
  return traceIds.size === 0 ? {} : { traceIds: [...traceIds].slice(0, LOGGED_TRACES) };
}

function excludedOf({ posted, undone }: TopicPart): Pick<BroadcastLine, 'excludedPublishers'> {
  const excluded = [...posted, ...undone].flatMap((change) => {
    const connectionId = excludedBy(change);
    return connectionId === undefined ? [] : [{ seq: change.head.seq, connectionId }];
  });
  return excluded.length === 0 ? {} : { excludedPublishers: excluded.slice(0, LOGGED_EXCLUDED) };
}

/** The connections that a topic's changes reached, and those that they did not. */
interface Reach extends UndeliveredNames, Pick<BroadcastLine, 'partlyDelivered'> {
  readonly counts: OutcomeCounts;
  readonly subscribers: number;
}

/** Returns a function that tells whom a topic's changes reached. All its answers name LOGGED_CONNECTIONS at most. */
function reachOf({ results, subscribers, totals }: Broadcasted): (part: TopicPart) => Reach {
  const byConnection = resultsOf(results);
  let left: number = LOGGED_CONNECTIONS;
  return (part) => {
    const workers = totals.get(part.topic) ?? NO_WORKERS;
    const own = subscribers.get(part.topic) ?? [];
    const nobody = onlyExcluded(part);
    const due = own.flatMap(({ connectionId }) =>
      connectionId === nobody ? [] : (byConnection.get(connectionId) ?? []),
    );
    const missed = due.filter(isUndelivered);
    const named = missed.slice(0, left);
    left -= named.length;
    const { unnamed = 0, ...names } = nameMissed(
      missed.map(({ delivery: { connectionId }, outcome }) => ({ connectionId, outcome })),
      named.length,
    );
    // The workers' own log lines name the connections that they did not reach.
    const allUnnamed = unnamed + workers.connections - workers.delivered;
    return {
      counts: sumCounts([countOutcomes(due), workers]),
      subscribers: own.length + workers.subscribers,
      ...names,
      ...(allUnnamed === 0 ? {} : { unnamed: allUnnamed }),
      ...partlyOf(named),
    };
  };
}

const NO_WORKERS: ShardTotals = { subscribers: 0, ...countOutcomes([]) };

/** Returns the result of each connection. In a batch of several rounds, a round that did not reach it decides. */
function resultsOf(results: readonly DeliveryResult[]): ReadonlyMap<string, DeliveryResult> {
  const byConnection = new Map<string, DeliveryResult>();
  for (const result of results) {
    const { connectionId } = result.delivery;
    if (isUndelivered(result) || !byConnection.has(connectionId)) byConnection.set(connectionId, result);
  }
  return byConnection;
}

/** Returns the connection that gets none of the changes, since it published them all and asked not to get them. */
function onlyExcluded({ posted, undone }: TopicPart): string | undefined {
  const [first, ...others] = new Set([...posted, ...undone].map(excludedBy));
  return others.length === 0 ? first : undefined;
}

function partlyOf(undelivered: readonly DeliveryResult[]): Pick<BroadcastLine, 'partlyDelivered'> {
  const partly = undelivered
    .filter(({ frames }) => frames > 0)
    .map(({ delivery: { connectionId, frames }, frames: taken }) => ({ connectionId, taken, of: frames.length }));
  return partly.length === 0 ? {} : { partlyDelivered: partly };
}
