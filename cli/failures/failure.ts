import type { DynamoDBRecord } from 'aws-lambda';
import { imageOf } from '../../shared/fanout/stream-records.ts';
import { readImages, type ReadImage } from '../stream/topic-record.ts';
import { isTopic } from '../../shared/protocol/topic.ts';
import { PING_RECORD, SUBSCRIPTIONS } from '../../shared/store/schema.ts';
import type { FailureObject } from './failure-store.ts';

/** A batch that was given up, as its object tells. */
export interface Failure {
  readonly object: FailureObject;
  /** Whose stream it is of: changes of topics are delivered again, catch-ups of subscriptions are asked for again. */
  readonly stream: 'topics' | 'subscriptions' | 'other' | 'unreadable';
  readonly condition: string;
  readonly tries: number;
  readonly functionName: string;
  /** Of the stream of Topics. */
  readonly records: readonly ReadImage[];
  /** Of the stream of Subscriptions: what each record asks for. */
  readonly catchUps: readonly GivenUpCatchUp[];
}

/** A catch-up that was given up. */
export interface GivenUpCatchUp {
  readonly connectionId: string;
  /** Undefined: of a record that is no subscription to a topic, as that of a ping. */
  readonly topic: string | undefined;
  /** Sort key of the record that asked. */
  readonly sortKey: string;
  /** The stamp by which it asked: a newer one means that the client asked again. */
  readonly requestId: string;
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
  /** The event as JSON text; one account of AWS's shows it as an object. */
  readonly payload?: string | { readonly Records?: readonly DynamoDBRecord[] };
}

/** Decodes an object of the failure bucket. One that is not as Lambda writes them is unreadable, and stays where it is. */
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
      records: stream === 'subscriptions' ? [] : records.flatMap((record) => readImages(imageOf(record))),
      catchUps: stream === 'subscriptions' ? records.flatMap(catchUpOf) : [],
    };
  } catch (error) {
    // Not ours to repair, and not to be lost: it is listed as what it is.
    const condition = `unreadable: ${String(error)}`;
    return { object, stream: 'unreadable', condition, tries: 0, functionName: '', records: [], catchUps: [] };
  }
}

/** What a record of a subscription asked for; a record that is no whole request asks for nothing that could be asked again. */
function catchUpOf(record: DynamoDBRecord): GivenUpCatchUp[] {
  const image = imageOf(record) ?? {};
  const [connectionId, sortKey, requestId] = [
    image[SUBSCRIPTIONS.partitionKey]?.S,
    image[SUBSCRIPTIONS.sortKey]?.S,
    image[SUBSCRIPTIONS.request]?.S,
  ];
  if (connectionId === undefined || sortKey === undefined || requestId === undefined) return [];
  return [{ connectionId, topic: isTopic(sortKey) ? sortKey : undefined, sortKey, requestId }];
}

function recordsOf({ payload }: FailureBody): readonly DynamoDBRecord[] {
  const event: Exclude<FailureBody['payload'], string> = typeof payload === 'string' ? JSON.parse(payload) : payload;
  if (event?.Records === undefined) throw new TypeError('it has no records');
  return event.Records;
}

function streamOf(streamArn: string, { topicsTable, subscriptionsTable }: StreamTables): Failure['stream'] {
  if (streamArn.includes(`:table/${topicsTable}/stream/`)) return 'topics';
  return streamArn.includes(`:table/${subscriptionsTable}/stream/`) ? 'subscriptions' : 'other';
}

/** The topics of a failure with their seqs, `news 3–7`; poison is named as that. */
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

/** `3–7` of seqs that follow on, `3–7 (4)` of four of them. */
function rangeOf(seqs: readonly number[]): string {
  const [first, last] = [Math.min(...seqs), Math.max(...seqs)];
  if (first === last) return String(first);
  return last - first + 1 === seqs.length ? `${first}–${last}` : `${first}–${last} (${seqs.length})`;
}

/** The catch-ups of a failure: the topic and its connection, `catch-up of news for L0SM9cOFvHcCIhw=`. */
export const describeCatchUps = (catchUps: readonly GivenUpCatchUp[]): string[] =>
  catchUps.map((catchUp) => `catch-up of ${subjectOf(catchUp)} for ${catchUp.connectionId}`);

/** What a catch-up is of. */
export const subjectOf = ({ topic, sortKey }: GivenUpCatchUp): string =>
  topic ?? (sortKey === PING_RECORD ? 'a ping' : sortKey);
