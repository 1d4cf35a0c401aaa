import type { DynamoDBRecord } from 'aws-lambda';
import { BadRecordError } from '../../errors.ts';
import type { ArchivedMessage } from '../../store/messages.ts';
import { type BroadcastSummary, summarize } from './broadcast-summary.ts';
import { type Change, decodeChanges, streamSequenceNumberOf } from '../stream-records.ts';
import { conflate } from './conflate.ts';
import type { CounterPace } from './counter-pace.ts';
import { type DeliverBatchDeps, type DeliverBatchEvent, type DeliveredBatch, deliverBatch } from './deliver-batch.ts';
import { listAhead } from './list-ahead.ts';
import type { ListAudienceDeps } from './list-audience.ts';

/** The dependencies of a broadcast. */
export interface BroadcastDeps extends Omit<DeliverBatchDeps, 'audienceOf'>, ListAudienceDeps {
  /** Archives messages; resolves to those that could not be written. */
  readonly archive: (messages: readonly ArchivedMessage[]) => Promise<{ topic: string; seq: number }[]>;
  readonly report: (event: BroadcastEvent) => void;
  /** The limit for counters; without it no counter is held back. */
  readonly pace?: CounterPace | undefined;
}

/** An event of a broadcast that operators should see. */
export type BroadcastEvent =
  | DeliverBatchEvent
  | { readonly event: 'bad-record' | 'archive-failed'; readonly error: unknown; readonly subject: string }
  | { readonly event: 'broadcast'; readonly summary: BroadcastSummary };

/**
 * Broadcasts one batch of the Topics stream. Resolves to the streamSequenceNumber from which on the batch has to be
 * delivered again, or undefined when all of it is done.
 *
 * Changes before a failure are delivered. After it, none of that topic is, so that order holds when Lambda retries the
 * rest.
 *
 * @throws {BadRecordError} If the first of several records is bad: only a function error makes Lambda halve the batch,
 * and so find that one record.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export async function broadcast(deps: BroadcastDeps, records: readonly DynamoDBRecord[]): Promise<string | undefined> {
  const decoded = decodeUpToFailure(deps, records);
  const changes = conflate(decoded.changes);
  const audienceOf = listAhead(deps, changes);
  const archived = await archiveUpToFailure(deps, changes);
  const parts = await deliverPaced({ ...deps, audienceOf }, archived.changes);
  const delivered = merge(parts);
  const batch = { ...delivered, records: records.length, read: decoded.changes };
  deps.report({ event: 'broadcast', summary: summarize(batch, deps.now()) });
  const failed = firstOf(archived.changes, delivered.failed);
  if (failed === undefined) return archived.failedFrom ?? decoded.failedFrom;
  for (const [topicShard, change] of delivered.last) deps.sharding?.delivered.add(topicShard, change);
  return failed.streamSequenceNumber;
}

/**
 * Delivers the batch in one or two parts. Counters that were delivered a moment ago come second, after their interval.
 */
async function deliverPaced(
  deps: DeliverBatchDeps & Pick<BroadcastDeps, 'pace'>,
  changes: readonly Change[],
): Promise<DeliveredBatch[]> {
  const { ready, held, holdMs } = deps.pace?.part(changes) ?? { ready: changes, held: [], holdMs: 0 };
  deps.pace?.note(ready);
  const first = await deliverBatch(deps, ready);
  const failed = firstOf(changes, first.failed);
  const due = failed === undefined ? held : held.filter((change) => changes.indexOf(change) < changes.indexOf(failed));
  if (due.length === 0) return [first];
  await deps.waiting.sleep(holdMs);
  deps.pace?.note(due);
  return [first, await deliverBatch(deps, due)];
}

/** Returns the first of some of the changes, in stream order. */
const firstOf = (changes: readonly Change[], some: readonly Change[]): Change | undefined =>
  some.length === 0 ? undefined : changes.find((change) => some.includes(change));

/** Merges the parts of a batch. No topic is in two of them. */
const merge = (parts: readonly DeliveredBatch[]): DeliveredBatch => ({
  changes: parts.flatMap(({ changes }) => changes),
  subscribers: new Map(parts.flatMap(({ subscribers }) => [...subscribers])),
  results: parts.flatMap(({ results }) => results),
  totals: new Map(parts.flatMap(({ totals }) => [...totals])),
  last: new Map(parts.flatMap(({ last }) => [...last])),
  failed: parts.flatMap(({ failed }) => failed),
});

interface Step {
  readonly changes: readonly Change[];
  readonly failedFrom: string | undefined;
}

/** Keeps the changes before the record of the first one that failed: Lambda retries whole records. */
function upTo(changes: readonly Change[], hasFailed: (change: Change) => boolean): Step {
  const failedFrom = changes.find(hasFailed)?.streamSequenceNumber;
  if (failedFrom === undefined) return { changes, failedFrom };
  const end = changes.findIndex(({ streamSequenceNumber }) => streamSequenceNumber === failedFrom);
  return { changes: changes.slice(0, end), failedFrom };
}

/** Decodes the changes of the batch up to the first record that is bad. */
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

/**
 * Archives messages before any is delivered, so that a client that catches up finds them. Keeps the changes before a
 * failure.
 */
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
