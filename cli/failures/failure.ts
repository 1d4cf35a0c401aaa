import type { DynamoDBRecord } from 'aws-lambda';
import { imageOf } from '../../shared/fanout/change.ts';
import { readImage, type ReadImage } from '../stream/topic-record.ts';
import type { FailureObject } from './failure-store.ts';

/** A batch that was given up, as its object tells. */
export interface Failure {
  readonly object: FailureObject;
  /** Whose stream it is of: `topics` can be replayed, others (subscriptions to be caught up) cannot. */
  readonly stream: 'topics' | 'other' | 'unreadable';
  readonly condition: string;
  readonly tries: number;
  readonly functionName: string;
  readonly records: readonly ReadImage[];
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
export function decodeFailure(object: FailureObject, text: string, topicsTable: string): Failure {
  try {
    const body: FailureBody = JSON.parse(text);
    const { functionArn = '', condition = 'unknown', approximateInvokeCount = 0 } = body.requestContext ?? {};
    const records = recordsOf(body);
    return {
      object,
      stream: isStreamOf(body.DDBStreamBatchInfo?.streamArn ?? '', topicsTable) ? 'topics' : 'other',
      condition,
      tries: approximateInvokeCount,
      functionName: functionArn.split(':').at(6) ?? '',
      records: records.map((record) => readImage(imageOf(record))),
    };
  } catch (error) {
    // Not ours to repair, and not to be lost: it is listed as what it is.
    const condition = `unreadable: ${String(error)}`;
    return { object, stream: 'unreadable', condition, tries: 0, functionName: '', records: [] };
  }
}

function recordsOf({ payload }: FailureBody): readonly DynamoDBRecord[] {
  const event: Exclude<FailureBody['payload'], string> = typeof payload === 'string' ? JSON.parse(payload) : payload;
  if (event?.Records === undefined) throw new TypeError('it has no records');
  return event.Records;
}

const isStreamOf = (streamArn: string, table: string): boolean => streamArn.includes(`:table/${table}/stream/`);

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
