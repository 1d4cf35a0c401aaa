import type { DynamoDBRecord } from 'aws-lambda';
import { BadRecordError, ClientError } from '../errors.ts';
import type { Newest } from '../newest.ts';
import { encodeData } from '../protocol/decode-frame.ts';
import { runBounded } from '../run-bounded.ts';
import type { TopicStore } from '../store/topics.ts';
import type { TopicPosition } from '../store/written-head.ts';
import { tableMessageOf, readTableRecord, type TableRecord } from './table-record.ts';
import { isWanted, type OpenedSource } from './table-source.ts';
import { fillTemplate } from './topic-template.ts';

/**
 * Number of records of one batch that are published at once. Records of one item, and of one topic, follow each other.
 * @limit operator
 */
const PUBLISH_CONCURRENCY = 16;

/**
 * Time in ms before the end of an invocation from which on no record is begun: a write takes up to `KEYED_WRITE_MS` and
 * one more call.
 */
const LAST_BEGIN_MS = 20_000;

/** The dependencies of publishing a table's records. */
export interface PublishRecordsDeps {
  readonly source: OpenedSource;
  readonly publish: TopicStore['publish'];
  /** Returns the idempotency key of a record. */
  readonly keyOf: (record: Pick<TableRecord, 'streamArn' | 'eventId'>) => string;
  /** The keys that this warm Lambda has published: a repeat of them costs no write. */
  readonly published: Pick<Newest<string, true>, 'get' | 'set'>;
  /** Keeps a record that can never be published for an operator. */
  readonly keep: (record: DynamoDBRecord, fault: string) => Promise<void>;
  /** Returns the time in ms that is left to the invocation. */
  readonly remainingMs: () => number;
  readonly report: (event: PublishRecordsEvent) => void;
}

/** An event of a batch that operators should see. */
export type PublishRecordsEvent =
  | ({ readonly event: 'published'; readonly topic: string; readonly eventId: string } & TopicPosition)
  | { readonly event: 'unpublishable'; readonly record: DynamoDBRecord; readonly fault: string }
  | { readonly event: 'failed'; readonly record: DynamoDBRecord; readonly error: unknown };

/**
 * The end of a record's turn. `ignored`: it is not of the source. `kept`: it can never be published, and is kept for an
 * operator. `failed`: it may be published later. `held`: an earlier record of its item failed, or no time is left.
 */
type Outcome =
  | { readonly end: 'published' | 'ignored' | 'kept' | 'held' }
  | { readonly end: 'failed'; readonly error: unknown };

const DONE: ReadonlySet<Outcome['end']> = new Set(['published', 'ignored', 'kept']);

/**
 * Publishes the records of one batch, each by one keyed write, those of one item in their order. A record that can
 * never be published is kept and passed over, so that it holds up nothing. After a failure no later record of the same
 * item is published; those of other items are. Resolves to the index of the first record that has to be retried, or
 * undefined when all of the batch is done. Lambda hands over the records after it again: their keys make them count
 * once.
 *
 * @throws {unknown} The error of the first record, if it failed while others were published: only a function error
 * makes Lambda halve the batch, and so find a record that fails alone.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export async function publishRecords(
  deps: PublishRecordsDeps,
  records: readonly DynamoDBRecord[],
): Promise<number | undefined> {
  const inTurn = createTurns();
  const outcomes = await runBounded(records, PUBLISH_CONCURRENCY, (record) => publishRecord(deps, inTurn, record));
  const [first] = outcomes;
  if (first?.end === 'failed' && outcomes.some(({ end }) => end === 'published')) throw first.error;
  const failed = outcomes.findIndex(({ end }) => !DONE.has(end));
  return failed === -1 ? undefined : failed;
}

/** A record that is to be published. */
interface Due {
  readonly record: TableRecord;
  readonly topic: string;
  readonly data: string;
}

async function publishRecord(deps: PublishRecordsDeps, inTurn: InTurn, record: DynamoDBRecord): Promise<Outcome> {
  const due = readDue(deps.source, record);
  if (due === undefined) return { end: 'ignored' };
  if ('fault' in due) return keep(deps, record, due.fault);
  return inTurn(due, async (itemBefore) => {
    if (itemBefore !== undefined && !DONE.has(itemBefore.end)) return { end: 'held' };
    if (deps.remainingMs() < LAST_BEGIN_MS) return { end: 'held' };
    return publishDue(deps, record, due);
  });
}

/** Returns what is to be published for a record, or why that can never be; undefined if it is not of the source. */
function readDue(source: OpenedSource, record: DynamoDBRecord): Due | { readonly fault: string } | undefined {
  const read = readTableRecord(record);
  if ('fault' in read) return read;
  if (!isWanted(source, read)) return undefined;
  const filled = fillTemplate(source.template, read.item);
  if ('fault' in filled) return filled;
  try {
    return { record: read, topic: filled.topic, data: encodeData(tableMessageOf(read, source)) };
  } catch (error) {
    if (error instanceof ClientError) return { fault: error.message };
    throw error;
  }
}

async function publishDue(deps: PublishRecordsDeps, record: DynamoDBRecord, due: Due): Promise<Outcome> {
  const key = deps.keyOf(due.record);
  if (deps.published.get(key) === true) return { end: 'published' };
  try {
    const position = await deps.publish({ topic: due.topic, messages: [due.data] }, key);
    deps.report({ event: 'published', topic: due.topic, eventId: due.record.eventId, ...position });
  } catch (error) {
    if (isPermanent(error)) return keep(deps, record, describe(error));
    if (!isRepeat(error)) return fail(deps, record, error);
  }
  deps.published.set(key, true);
  return { end: 'published' };
}

async function keep(deps: PublishRecordsDeps, record: DynamoDBRecord, fault: string): Promise<Outcome> {
  try {
    await deps.keep(record, fault);
    deps.report({ event: 'unpublishable', record, fault });
    return { end: 'kept' };
  } catch (error) {
    return fail(deps, record, error);
  }
}

function fail({ report }: PublishRecordsDeps, record: DynamoDBRecord, error: unknown): Outcome {
  report({ event: 'failed', record, error });
  return { end: 'failed', error };
}

/**
 * Whether a write was refused since its key stands for another message: the record was published before the source's
 * configuration changed.
 */
const isRepeat = (error: unknown): boolean =>
  error instanceof ClientError && error.code === 'bad-frame' && error.details.some(({ path }) => path === 'key');

/** The errors of DynamoDB that a repeat of the same write would get again. */
const REFUSED_FOR_GOOD: ReadonlySet<string> = new Set(['ValidationException', 'TransactionCanceledException']);

/** Whether a write can never be made: the topic's item is malformed, or DynamoDB refuses the write for what it is. */
const isPermanent = (error: unknown): boolean =>
  error instanceof BadRecordError || (error instanceof Error && REFUSED_FOR_GOOD.has(error.name));

const describe = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : 'unknown');

/**
 * Runs a record's task after those of earlier records of its item and its topic, with the outcome of its item's last.
 */
type InTurn = (due: Due, task: (itemBefore: Outcome | undefined) => Promise<Outcome>) => Promise<Outcome>;

/**
 * Creates the turns of one batch. Records of one topic take turns, since their writes are compare-and-sets on one head:
 * at once they would only refuse each other. `InTurn` takes its place when it is called, so it has to be called in the
 * order of the records.
 */
function createTurns(): InTurn {
  const items = new Map<string, Promise<Outcome>>();
  const topics = new Map<string, Promise<Outcome>>();
  return ({ record, topic }, task) => {
    const [itemBefore, topicBefore] = [items.get(record.itemKey), topics.get(topic)];
    const own = Promise.all([itemBefore, topicBefore]).then(([before]) => task(before));
    items.set(record.itemKey, own);
    topics.set(topic, own);
    return own;
  };
}
