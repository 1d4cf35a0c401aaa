import type { DynamoDBRecord } from 'aws-lambda';
import { BadRecordError } from '../../errors.ts';
import type { ArchivedMessage } from '../../store/messages.ts';
import { type BroadcastSummary, summarize } from './broadcast-summary.ts';
import { type Change, decodeChanges, streamSequenceNumberOf } from '../stream-records.ts';
import { conflate } from './conflate.ts';
import type { CounterPace } from './counter-pace.ts';
import {
  type DeliverChangesDeps,
  type DeliverChangesEvent,
  type DeliveredChanges,
  deliverChanges,
} from './deliver-batch.ts';
import { listAhead } from './list-ahead.ts';

export interface BroadcastDeps extends DeliverChangesDeps {
  /** Resolves to the messages that were not taken. */
  readonly archive: (messages: readonly ArchivedMessage[]) => Promise<{ topic: string; seq: number }[]>;
  readonly report: (event: BroadcastEvent) => void;
  /** Without it no counter is held back. */
  readonly pace?: CounterPace | undefined;
}

/** What an operator is told of. */
export type BroadcastEvent =
  | DeliverChangesEvent
  | { readonly event: 'bad-record' | 'archive-failed'; readonly error: unknown; readonly subject: string }
  | { readonly event: 'broadcast'; readonly summary: BroadcastSummary };

/**
 * Broadcasts one batch of the Topics stream. Resolves to the streamSequenceNumber from which on the batch has to be
 * delivered again, or undefined when all of it is done. What comes before a failure is delivered; after it nothing of that
 * topic is, so that order holds when the rest is tried again. Rejects with BadRecordError when the first of several records
 * is bad: only a function error makes Lambda halve the batch, and so find the one record.
 */
export async function broadcast(deps: BroadcastDeps, records: readonly DynamoDBRecord[]): Promise<string | undefined> {
  const decoded = decodeUpToFailure(deps, records);
  const changes = conflate(decoded.changes);
  const listSubscribers = listAhead(deps, changes);
  const archived = await archiveUpToFailure(deps, changes);
  const lots = await deliverPaced({ ...deps, listSubscribers }, archived.changes);
  const delivered = merge(lots);
  const batch = { ...delivered, records: records.length, read: decoded.changes };
  deps.report({ event: 'broadcast', summary: summarize(batch, deps.now()) });
  const failed = firstOf(archived.changes, delivered.failed);
  if (failed === undefined) return archived.failedFrom ?? decoded.failedFrom;
  for (const [place, change] of delivered.last) deps.sharding?.delivered.add(place, change);
  return failed.streamSequenceNumber;
}

/** Counters that were delivered a moment ago come last, when their time has come: the others are not kept waiting. */
async function deliverPaced(deps: BroadcastDeps, changes: readonly Change[]): Promise<DeliveredChanges[]> {
  const { ready, held, holdMs } = deps.pace?.part(changes) ?? { ready: changes, held: [], holdMs: 0 };
  deps.pace?.note(ready);
  const first = await deliverChanges(deps, ready);
  const failed = firstOf(changes, first.failed);
  const due = failed === undefined ? held : held.filter((change) => changes.indexOf(change) < changes.indexOf(failed));
  if (due.length === 0) return [first];
  await deps.waiting.sleep(holdMs);
  deps.pace?.note(due);
  return [first, await deliverChanges(deps, due)];
}

/** The first of some of the changes, in stream order. */
const firstOf = (changes: readonly Change[], some: readonly Change[]): Change | undefined =>
  some.length === 0 ? undefined : changes.find((change) => some.includes(change));

/** No topic is in two lots. */
const merge = (lots: readonly DeliveredChanges[]): DeliveredChanges => ({
  changes: lots.flatMap(({ changes }) => changes),
  subscribers: new Map(lots.flatMap(({ subscribers }) => [...subscribers])),
  results: lots.flatMap(({ results }) => results),
  totals: new Map(lots.flatMap(({ totals }) => [...totals])),
  last: new Map(lots.flatMap(({ last }) => [...last])),
  failed: lots.flatMap(({ failed }) => failed),
});

interface Step {
  readonly changes: readonly Change[];
  readonly failedFrom: string | undefined;
}

/** The changes before the record of the first that failed: a record is handed over again as a whole. */
function upTo(changes: readonly Change[], hasFailed: (change: Change) => boolean): Step {
  const failedFrom = changes.find(hasFailed)?.streamSequenceNumber;
  if (failedFrom === undefined) return { changes, failedFrom };
  const end = changes.findIndex(({ streamSequenceNumber }) => streamSequenceNumber === failedFrom);
  return { changes: changes.slice(0, end), failedFrom };
}

/** The changes of the batch before the first record that cannot be decoded. */
function decodeUpToFailure({ report }: BroadcastDeps, records: readonly DynamoDBRecord[]): Step {
  const changes: Change[] = [];
  for (const record of records) {
    try {
      changes.push(...decodeChanges(record));
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
