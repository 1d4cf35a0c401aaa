import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { findText, getCount, getText, type Item, N, S } from './attributes.ts';
import { batchWrite } from './batch-write.ts';
import type { MessageHead } from './head.ts';
import { query } from './query.ts';
import { MESSAGES } from './schema.ts';
import { findTraceId } from './trace-id.ts';

export interface MessageStoreDeps {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** A message as the archive keeps it: what the topic's head was when it was published. */
export type ArchivedMessage = Omit<MessageHead, 'kind' | 'earlier'>;

/** Positions to read: `fromSeq` to `toSeq`, both included, of one epoch. */
export interface MessageRange {
  readonly topic: string;
  readonly epoch: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Reading ends with the message that makes it more than this: the caller sees that it is. */
  readonly bytes: number;
}

/**
 * Writes messages to the archive; the same one again changes nothing. Resolves to those that DynamoDB did not take.
 */
export async function archiveMessages(
  deps: MessageStoreDeps,
  messages: readonly ArchivedMessage[],
  retentionSeconds: number,
): Promise<{ topic: string; seq: number }[]> {
  const requests = latest(messages).map((message) => ({ PutRequest: { Item: toItem(message, retentionSeconds) } }));
  const left = await batchWrite(deps.client, deps.table, requests);
  return left.map(({ PutRequest }) => ({
    topic: getText(PutRequest?.Item ?? {}, 'topic'),
    seq: getCount(PutRequest?.Item ?? {}, 'seq'),
  }));
}

/**
 * Two lives of a topic may meet in one batch: the archive has one place for a seq, and DynamoDB refuses a call with
 * two.
 */
const latest = (messages: readonly ArchivedMessage[]): ArchivedMessage[] => [
  ...new Map(messages.map((message) => [`${message.topic}#${message.seq}`, message])).values(),
];

/** The archived messages of a range, in the order of `seq`. Missing ones are simply not among them. */
export async function listMessages(deps: MessageStoreDeps, range: MessageRange): Promise<ArchivedMessage[]> {
  const { topic, epoch, fromSeq, toSeq } = range;
  if (fromSeq > toSeq) return [];
  const found: ArchivedMessage[] = [];
  const items = query(deps.client, {
    TableName: deps.table,
    KeyConditionExpression: '#topic = :topic AND #seq BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#topic': MESSAGES.partitionKey, '#seq': MESSAGES.sortKey },
    ExpressionAttributeValues: { ':topic': S(topic), ':from': N(fromSeq), ':to': N(toSeq) },
    ConsistentRead: true,
  });
  // An earlier life of the topic may have left messages with the same numbers.
  let bytes = 0;
  for await (const item of items) {
    if (getText(item, 'epoch') !== epoch) continue;
    const message = fromItem(item);
    found.push(message);
    bytes += message.message.length;
    if (bytes > range.bytes) break;
  }
  return found;
}

function toItem(message: ArchivedMessage, retentionSeconds: number): Record<string, AttributeValue> {
  const { topic, epoch, seq, publishedAt, exclude, traceId } = message;
  return {
    topic: S(topic),
    seq: N(seq),
    epoch: S(epoch),
    message: S(message.message),
    publishedAt: N(publishedAt),
    [MESSAGES.ttl]: N(Math.floor(publishedAt / 1_000) + retentionSeconds),
    ...(exclude === undefined ? {} : { exclude: S(exclude) }),
    ...(traceId === undefined ? {} : { traceId: S(traceId) }),
  };
}

function fromItem(item: Item): ArchivedMessage {
  const exclude = findText(item, 'exclude');
  const traceId = findTraceId(item);
  return {
    topic: getText(item, 'topic'),
    epoch: getText(item, 'epoch'),
    seq: getCount(item, 'seq'),
    message: getText(item, 'message'),
    publishedAt: getCount(item, 'publishedAt'),
    ...(exclude === undefined ? {} : { exclude }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}
