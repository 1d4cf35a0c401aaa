import { listArchived, scanArchived } from '../../shared/store/operator-messages.ts';
import { findHead } from '../../shared/store/topics.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { Failure } from '../failures/failure.ts';
import { findFailure, listFailures, readFailures } from '../failures/failure-store.ts';
import { OperatorError } from '../operator-error.ts';
import { readStream } from '../stream/read-stream.ts';
import { type ReadChange, readImages, type ReadImage, type TopicRecord } from '../stream/topic-record.ts';
import { findTopicsStream } from '../stream/topics-stream.ts';
import { tableOf } from '../table-of.ts';
import { explainUnknownTopic } from '../unknown-topic.ts';
import { collect, type Reading } from './reading.ts';
import type { Selection } from './selection.ts';

/** The time in ms for which DynamoDB keeps the records of a stream. */
const STREAM_RETENTION_MS = 24 * 3_600_000;

/** The records that a replay is about to broadcast. */
export interface SelectedRecords extends Reading {
  /** The failures of the records. Their objects are removed once all is delivered. */
  readonly failures: readonly Failure[];
}

/** Reads all records of a selection, before anything is sent. */
export async function readSelection(backend: Backend, selection: Selection): Promise<SelectedRecords> {
  switch (selection.kind) {
    case 'range':
      return { ...(await readRange(backend, selection)), failures: [] };
    case 'since':
      return { ...(await readSince(backend, selection)), failures: [] };
    case 'failures':
      return readGivenUp(backend, selection.ids);
  }
}

type Range = Extract<Selection, { kind: 'range' }>;

/**
 * Reads a range of one topic from the archive, by key. Only what that lacks (a counter's changes, holes) is searched
 * for in the stream, which has to be read from its beginning.
 */
async function readRange(backend: Backend, { topic, fromSeq, toSeq }: Range): Promise<Reading> {
  if (toSeq - fromSeq >= CLI_BOUNDS.PLAN_RECORDS) {
    throw new OperatorError(
      `That is more than the ${CLI_BOUNDS.PLAN_RECORDS} records of one replay: choose a narrower range.`,
    );
  }
  const { dynamodb, stack } = backend;
  const head = await findHead(dynamodb, stack.resources.topicsTable, topic);
  if (head === undefined) {
    throw new OperatorError(`${await explainUnknownTopic(backend, topic)} See distributary stats`);
  }
  const archived = await readArchivedRange(backend, { topic, fromSeq, toSeq }, head.epoch);
  const wanted = Array.from({ length: toSeq - fromSeq + 1 }, (_, index) => fromSeq + index);
  const lacking = lackingIn(wanted, archived);
  const isLacking = (record: TopicRecord): boolean =>
    record.kind === 'change' &&
    record.head.topic === topic &&
    record.head.epoch === head.epoch &&
    lacking.has(record.head.seq);
  const streamed = lacking.size === 0 ? [] : filter(readStream(await findTopicsStream(backend), 0), isLacking);
  const reading = await collect(chain(archived, streamed));
  return { ...reading, missing: [...lackingIn([...lacking], reading.changes.map(changeRecord))] };
}

/** Reads the archived items of a range, of this epoch. */
async function readArchivedRange(backend: Backend, range: Omit<Range, 'kind'>, epoch: string): Promise<ReadImage[]> {
  const items = listArchived(tableOf(backend, 'messagesTable'), { ...range, epoch });
  return (await Array.fromAsync(items, (item) => readImages(item))).flat();
}

const lackingIn = (seqs: readonly number[], found: readonly ReadImage[]): ReadonlySet<number> => {
  const present = new Set(found.flatMap((image) => (image.kind === 'change' ? [image.head.seq] : [])));
  return new Set(seqs.filter((seq) => !present.has(seq)));
};

type Since = Extract<Selection, { kind: 'since' }>;

/** Reads all topics of a time: from the stream, and what is older than the stream from the archive. */
async function readSince(backend: Backend, { fromMs, toMs }: Since): Promise<Reading> {
  const isWithin = (record: TopicRecord): boolean =>
    record.kind === 'change'
      ? record.head.publishedAt >= fromMs && record.head.publishedAt <= toMs
      : record.createdAtMs >= fromMs && record.createdAtMs <= toMs;
  const streamed = filter(readStream(await findTopicsStream(backend), fromMs), isWithin);
  const isBeyond = fromMs < Date.now() - STREAM_RETENTION_MS;
  return collect(chain(isBeyond ? readArchive(backend, { fromMs, toMs }) : [], streamed));
}

/** Reads the archived messages of a time, by a scan. A message that the stream has too counts as a repeat. */
async function* readArchive(backend: Backend, span: Pick<Since, 'fromMs' | 'toMs'>): AsyncGenerator<ReadImage> {
  for await (const item of scanArchived(tableOf(backend, 'messagesTable'), span)) yield* readImages(item);
}

/** Reads the records of failures, each object completely. */
async function readGivenUp(backend: Backend, ids: readonly string[] | 'all'): Promise<SelectedRecords> {
  const objects = await listFailures(backend);
  const chosen = ids === 'all' ? objects : ids.map((id) => findFailure(objects, id));
  const failures = await readFailures(backend, chosen);
  const records = failures.filter(({ stream }) => stream === 'topics').flatMap((failure) => failure.records);
  return { ...(await collect(records)), failures };
}

const changeRecord = (change: ReadChange): ReadImage => ({ ...change, kind: 'change' });

async function* chain<T>(...sources: readonly (Iterable<T> | AsyncIterable<T>)[]): AsyncGenerator<T> {
  for (const source of sources) yield* source;
}

async function* filter<T>(source: AsyncIterable<T>, isWanted: (each: T) => boolean): AsyncGenerator<T> {
  for await (const each of source) if (isWanted(each)) yield each;
}
