import type { DynamoDBRecord } from 'aws-lambda';
import { BadRecordError } from '../errors.ts';
import { runBounded } from '../run-bounded.ts';
import type { ArchivedMessage } from '../store/messages.ts';
import type { Subscriber } from '../store/subscribers.ts';
import { FANOUT_BOUNDS } from './bounds.ts';
import { type Change, decodeChange, encodeChange, streamSequenceNumberOf } from './change.ts';
import { conflate } from './conflate.ts';
import { type DeliverDeps, type Delivery, type DeliveryResult, deliver } from './deliver.ts';
import { type DueFrame, packFrames } from './frame-packing.ts';
import { isPastGrace } from './grace.ts';

export interface BroadcastDeps extends DeliverDeps {
  /** Resolves to the messages that were not taken. */
  readonly archive: (messages: readonly ArchivedMessage[]) => Promise<{ topic: string; seq: number }[]>;
  readonly listSubscribers: (topic: string) => AsyncIterable<Subscriber>;
  readonly removeConnection: (connectionId: string) => Promise<unknown>;
  readonly report: (event: BroadcastEvent) => void;
}

/** What an operator is told of. */
export type BroadcastEvent =
  | {
      readonly event: 'bad-record' | 'archive-failed' | 'index-failed' | 'remove-failed';
      readonly error: unknown;
      readonly subject: string;
    }
  | { readonly event: 'callback-down'; readonly connections: number }
  | { readonly event: 'broadcast'; readonly summary: BroadcastSummary };

export interface BroadcastSummary {
  readonly records: number;
  readonly changes: number;
  readonly connections: number;
  readonly delivered: number;
  readonly gone: number;
  readonly throttled: number;
  readonly failed: number;
  /** Age of the oldest delivered change, in milliseconds; absent when nothing was delivered. */
  readonly lagMs?: number;
  /** Traces of the requests that caused the changes; absent when there is none. */
  readonly traceIds?: readonly string[];
}

/**
 * Broadcasts one batch of the Topics stream. Resolves to the streamSequenceNumber from which on the batch has to be
 * delivered again, or undefined when all of it is done. What comes before a failure is delivered; nothing after it is, so
 * that order holds when the rest is tried again. Rejects with BadRecordError when the first of several records is bad: only
 * a function error makes Lambda halve the batch, and so find the one record.
 */
export async function broadcast(deps: BroadcastDeps, records: readonly DynamoDBRecord[]): Promise<string | undefined> {
  const decoded = decodeChanges(deps, records);
  const archived = await archiveUpToFailure(deps, conflate(decoded.changes));
  const listed = await listUpToFailure(deps, archived.changes);
  const { changes, failedFrom } = upToBudget(listed);
  const results = await deliver(deps, deliveriesOf(changes, listed.subscribers));
  await removeGone(deps, results);
  deps.report({ event: 'broadcast', summary: summarize(deps, records.length, { changes, results }) });
  if (!isUndone(results)) return failedFrom ?? archived.failedFrom ?? decoded.failedFrom;
  deps.report({ event: 'callback-down', connections: results.length });
  return changes[0]?.streamSequenceNumber;
}

/**
 * Whether the posts as a whole were not done: there was no time for some, or nobody could be reached, which says nothing of
 * the connections. A few that do not answer may be slow themselves; the endpoint's own errors are never theirs.
 */
function isUndone(results: readonly DeliveryResult[]): boolean {
  if (results.some(({ outcome }) => outcome === 'skipped')) return true;
  const isSilent = results.every(({ outcome }) => outcome === 'failed' || outcome === 'unanswered');
  const isTheirs =
    results.length <= FANOUT_BOUNDS.SILENT_CONNECTIONS && !results.some(({ outcome }) => outcome === 'failed');
  return results.length > 0 && isSilent && !isTheirs;
}

interface Step {
  readonly changes: readonly Change[];
  readonly failedFrom: string | undefined;
}

/** The changes before the first that failed. */
function upTo(changes: readonly Change[], hasFailed: (change: Change) => boolean): Step {
  const failed = changes.findIndex(hasFailed);
  if (failed === -1) return { changes, failedFrom: undefined };
  return { changes: changes.slice(0, failed), failedFrom: changes[failed]?.streamSequenceNumber };
}

/** The changes of the batch before the first record that cannot be decoded. */
function decodeChanges({ report }: BroadcastDeps, records: readonly DynamoDBRecord[]): Step {
  const changes: Change[] = [];
  for (const record of records) {
    try {
      const change = decodeChange(record);
      if (change !== undefined) changes.push(change);
    } catch (error) {
      if (!(error instanceof BadRecordError)) throw error;
      const failedFrom = streamSequenceNumberOf(record);
      report({ event: 'bad-record', error, subject: failedFrom });
      if (record === records[0] && records.length > 1) throw error;
      return { changes, failedFrom };
    }
  }
  return { changes, failedFrom: undefined };
}

/** Archives before anything is delivered, so that whoever catches up finds what is being delivered. */
async function archiveUpToFailure({ archive, report }: BroadcastDeps, changes: readonly Change[]): Promise<Step> {
  const messages = changes.flatMap(({ head }) => (head.kind === 'message' ? [head] : []));
  if (messages.length === 0) return { changes, failedFrom: undefined };
  try {
    const left = new Set((await archive(messages)).map(({ topic, seq }) => `${topic}#${seq}`));
    return upTo(changes, ({ head }) => left.has(`${head.topic}#${head.seq}`));
  } catch (error) {
    report({ event: 'archive-failed', error, subject: `${messages.length} messages` });
    return upTo(changes, ({ head }) => head.kind === 'message');
  }
}

type Subscribers = ReadonlyMap<string, readonly Subscriber[]>;

/** Lists the subscribers of every topic in the batch. */
async function listUpToFailure(
  deps: BroadcastDeps,
  changes: readonly Change[],
): Promise<Step & { subscribers: Subscribers }> {
  const subscribers = new Map<string, readonly Subscriber[]>();
  const topics = [...new Set(changes.map(({ head }) => head.topic))];
  await runBounded(topics, FANOUT_BOUNDS.TOPIC_CONCURRENCY, async (topic) => {
    try {
      subscribers.set(topic, await Array.fromAsync(deps.listSubscribers(topic)));
    } catch (error) {
      deps.report({ event: 'index-failed', error, subject: topic });
    }
  });
  return { ...upTo(changes, ({ head }) => !subscribers.has(head.topic)), subscribers };
}

/** As many changes as the posts of one invocation allow, but at least one. */
function upToBudget({ changes, failedFrom, subscribers }: Step & { subscribers: Subscribers }): Step {
  let posts = 0;
  const budgeted = upTo(changes, (change) => {
    posts += subscribers.get(change.head.topic)?.length ?? 0;
    return posts > FANOUT_BOUNDS.POSTS && change !== changes[0];
  });
  return budgeted.failedFrom === undefined ? { changes, failedFrom } : budgeted;
}

/** What is due to each connection, in stream order. A frame is encoded once, however many get it. */
function deliveriesOf(changes: readonly Change[], subscribers: Subscribers): Delivery[] {
  const due = new Map<string, { readonly subscriber: Subscriber; readonly frames: DueFrame[] }>();
  for (const change of changes) {
    const text = encodeChange(change);
    for (const subscriber of subscribers.get(change.head.topic) ?? []) {
      const { connectionId, batch } = subscriber;
      if (isExcluded(change, connectionId)) continue;
      const delivery = due.get(connectionId) ?? { subscriber, frames: [] };
      due.set(connectionId, delivery);
      delivery.frames.push({ text, batch });
    }
  }
  return Array.from(due.values(), ({ subscriber: { connectionId, connectedAt }, frames }) => ({
    connectionId,
    connectedAt,
    frames: packFrames(frames),
  }));
}

const isExcluded = ({ head }: Change, connectionId: string): boolean =>
  head.kind === 'message' && head.exclude === connectionId;

/** A gone connection's records go too, but for one whose handshake may still be under way: it answers 410 as well. */
async function removeGone(
  { removeConnection, report, now }: BroadcastDeps,
  results: readonly DeliveryResult[],
): Promise<void> {
  const gone = results.filter(
    ({ outcome, delivery }) => outcome === 'gone' && isPastGrace(delivery.connectedAt, now()),
  );
  await runBounded(gone, FANOUT_BOUNDS.REMOVE_CONCURRENCY, async ({ delivery: { connectionId } }) => {
    // Not worth delivering the batch again: the next delivery meets the same 410, and the records expire.
    await removeConnection(connectionId).catch((error: unknown) =>
      report({ event: 'remove-failed', error, subject: connectionId }),
    );
  });
}

interface Done {
  readonly changes: readonly Change[];
  readonly results: readonly DeliveryResult[];
}

function summarize({ now }: BroadcastDeps, records: number, { changes, results }: Done): BroadcastSummary {
  const count = (wanted: DeliveryResult['outcome']) => results.filter(({ outcome }) => outcome === wanted).length;
  const delivered = count('delivered');
  const oldest = Math.min(...changes.map(({ head }) => head.publishedAt));
  const traceIds = traceIdsOf(changes);
  return {
    records,
    changes: changes.length,
    connections: results.length,
    delivered,
    gone: count('gone'),
    throttled: count('throttled'),
    failed: count('failed') + count('unanswered') + count('refused') + count('skipped'),
    ...(delivered === 0 ? {} : { lagMs: now() - oldest }),
    ...(traceIds.length === 0 ? {} : { traceIds }),
  };
}

/** A trace of several messages counts once. */
const traceIdsOf = (changes: readonly Change[]): readonly string[] =>
  [...new Set(changes.flatMap(({ head: { traceId } }) => (traceId === undefined ? [] : [traceId])))].slice(
    0,
    FANOUT_BOUNDS.LOGGED_TRACES,
  );
