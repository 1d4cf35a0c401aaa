import type { DynamoDBRecord } from 'aws-lambda';
import { imageOf } from '../../shared/fanout/stream-records.ts';
import { jsonOf } from '../../shared/from-table/item-json.ts';
import { readImages, type ReadImage } from '../stream/topic-record.ts';
import { type CatchUpStamp, findStamp } from '../../shared/store/operator-catch-up.ts';
import { PING_RECORD } from '../../shared/store/schema.ts';

/** A failure's object in the bucket, not read yet. */
export interface FailureObject {
  /** The end of its key: the object's own UUID. */
  readonly id: string;
  readonly key: string;
  readonly writtenAt: Date;
  readonly bytes: number;
}

/** A batch that was given up, decoded from its object. */
export interface Failure {
  readonly object: FailureObject;
  /**
   * The stream of the batch. Changes of topics are delivered again, catch-ups of subscriptions are asked for again, and
   * records of an application's table are published again.
   */
  readonly stream: 'topics' | 'subscriptions' | 'table' | 'other' | 'unreadable';
  readonly condition: string;
  readonly tries: number;
  readonly functionName: string;
  /** The records of the stream of Topics. */
  readonly records: readonly ReadImage[];
  /** The catch-ups that the records of the stream of Subscriptions ask for. */
  readonly catchUps: readonly CatchUpStamp[];
  /** The records of the stream of an application's table. */
  readonly tableRecords: readonly DynamoDBRecord[];
}

/** The physical names of the tables whose streams have readers. */
export interface StreamTables {
  readonly topicsTable: string;
  readonly subscriptionsTable: string;
}

interface FailureBody {
  readonly requestContext?: {
    readonly functionArn?: string;
    readonly condition?: string;
    readonly approximateInvokeCount?: number;
  };
  readonly DDBStreamBatchInfo?: { readonly streamArn?: string };
  /** The event as JSON text. One page of AWS's documentation shows it as an object. */
  readonly payload?: string | { readonly Records?: readonly DynamoDBRecord[] };
}

/** Decodes an object of the failure bucket. A malformed one is `unreadable`, and stays in the bucket. */
export function decodeFailure(object: FailureObject, text: string, tables: StreamTables): Failure {
  try {
    const body: FailureBody = JSON.parse(text);
    const { functionArn = '', condition = 'unknown', approximateInvokeCount = 0 } = body.requestContext ?? {};
    const stream = streamOf(body.DDBStreamBatchInfo?.streamArn ?? '', tables);
    const records = recordsOf(body);
    return {
      object,
      stream,
      condition,
      tries: approximateInvokeCount,
      functionName: functionArn.split(':').at(6) ?? '',
      records: stream === 'topics' ? records.flatMap((record) => readImages(imageOf(record))) : [],
      catchUps: stream === 'subscriptions' ? records.flatMap(catchUpOf) : [],
      tableRecords: stream === 'table' ? records : [],
    };
  } catch (error) {
    // A failure that cannot be read must not be lost: the list names it as unreadable.
    const condition = `unreadable: ${String(error)}`;
    const nothing = { records: [], catchUps: [], tableRecords: [] };
    return { object, stream: 'unreadable', condition, tries: 0, functionName: '', ...nothing };
  }
}

/** Decodes the stamp of a subscription's record; none when the record asks for no catch-up. */
const catchUpOf = (record: DynamoDBRecord): readonly CatchUpStamp[] => {
  const stamp = findStamp(imageOf(record) ?? {});
  return stamp === undefined ? [] : [stamp];
};

function recordsOf({ payload }: FailureBody): readonly DynamoDBRecord[] {
  const event: Exclude<FailureBody['payload'], string> = typeof payload === 'string' ? JSON.parse(payload) : payload;
  if (event?.Records === undefined) throw new TypeError('it has no records');
  return event.Records;
}

function streamOf(streamArn: string, { topicsTable, subscriptionsTable }: StreamTables): Failure['stream'] {
  if (streamArn.includes(`:table/${topicsTable}/stream/`)) return 'topics';
  if (streamArn.includes(`:table/${subscriptionsTable}/stream/`)) return 'subscriptions';
  return tableIn(streamArn) === undefined ? 'other' : 'table';
}

/** Returns the name of the table in the ARN of its stream; undefined if it is no such ARN. */
const tableIn = (streamArn: string): string | undefined => /:table\/([^/]+)\/stream\//.exec(streamArn)?.[1];

/** Describes a record of an application's table: `MODIFY Orders {"orderId":"o-1"}`. */
export function describeTableRecord({ eventName, eventSourceARN = '', dynamodb }: DynamoDBRecord): string {
  const keys = imageOf({ dynamodb: { NewImage: dynamodb?.Keys } }) ?? {};
  const table = tableIn(eventSourceARN) ?? 'a table';
  return `${eventName ?? 'a record of'} ${table} ${JSON.stringify(jsonOf(keys, Object.keys(keys)))}`;
}

/** Describes the topics of a failure with their seqs, `news 3–7`, and its poison. */
export function describeRecords(records: readonly ReadImage[]): string[] {
  const seqs = new Map<string, number[]>();
  for (const record of records) {
    if (record.kind === 'change')
      seqs.set(record.head.topic, [...(seqs.get(record.head.topic) ?? []), record.head.seq]);
  }
  const changes = Array.from(seqs, ([topic, found]) => `${topic} ${rangeOf(found)}`);
  const poison = records.flatMap((record) =>
    record.kind === 'poison' ? [`${record.topic} (poison: ${record.reason})`] : [],
  );
  return [...changes, ...poison];
}

/** Formats seqs: `3–7` without gaps, `3–7 (4)` for four of them. */
function rangeOf(seqs: readonly number[]): string {
  const [first, last] = [Math.min(...seqs), Math.max(...seqs)];
  if (first === last) return String(first);
  return last - first + 1 === seqs.length ? `${first}–${last}` : `${first}–${last} (${seqs.length})`;
}

/** Describes the catch-ups of a failure: `catch-up of news for L0SM9cOFvHcCIhw=`. */
export const describeCatchUps = (catchUps: readonly CatchUpStamp[]): string[] =>
  catchUps.map((catchUp) => `catch-up of ${subjectOf(catchUp)} for ${catchUp.connectionId}`);

/** Returns the subject of a catch-up: its topic, or `a ping`. */
export const subjectOf = ({ sortKey }: CatchUpStamp): string => (sortKey === PING_RECORD ? 'a ping' : sortKey);
