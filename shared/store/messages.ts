import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { decodeItem, encodeItem } from './attributes.ts';
import { batchWrite } from './batch-write.ts';
import type { MessageHead } from './head.ts';
import { optional, text, wholeNumber } from './item-schema.ts';
import { query } from './query.ts';
import { MESSAGES } from './schema.ts';
import { traceId } from './trace-id.ts';

/** The dependencies of the archive. */
export interface MessageStoreDeps {
  readonly client: DynamoDBClient;
  /** The Messages table. */
  readonly table: string;
}

/** A message in the Messages table (the archive): what the topic's head was when it was published. */
export type ArchivedMessage = Omit<MessageHead, 'kind' | 'earlier'>;

/** The positions to read: `fromSeq` to `toSeq` of one epoch, both included. */
export interface MessageRange {
  readonly topic: string;
  readonly epoch: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Reading ends with the message that exceeds this number of bytes. The caller receives that message too. */
  readonly bytes: number;
}

const MESSAGE_KEY = { topic: text, seq: wholeNumber } as const;

const MESSAGE = {
  ...MESSAGE_KEY,
  epoch: text,
  message: text,
  publishedAt: wholeNumber,
  exclude: optional(text),
  from: optional(text),
  traceId,
} as const;

/** Returns the time in seconds for which a topic's messages are archived; undefined: none is. */
export type RetentionOf = (topic: string) => number | undefined;

/**
 * Writes messages to the archive; writing one again changes nothing. Leaves out those of topics that keep none.
 * Resolves to those that DynamoDB did not take.
 */
export async function archiveMessages(
  deps: MessageStoreDeps,
  messages: readonly ArchivedMessage[],
  retentionOf: RetentionOf,
): Promise<{ topic: string; seq: number }[]> {
  const requests = latest(messages).flatMap((message) => {
    const seconds = retentionOf(message.topic);
    return seconds === undefined ? [] : [{ PutRequest: { Item: toItem(message, seconds) } }];
  });
  const left = await batchWrite(deps.client, deps.table, requests);
  return left.map(({ PutRequest }) => decodeItem(MESSAGE_KEY, PutRequest?.Item ?? {}));
}

/**
 * Two epochs of a topic may share a batch. A seq has one key in the archive, and DynamoDB refuses a key twice in a
 * call.
 */
const latest = (messages: readonly ArchivedMessage[]): ArchivedMessage[] => [
  ...new Map(messages.map((message) => [`${message.topic}#${message.seq}`, message])).values(),
];

/** Returns the archived messages of a range, in the order of `seq`. Missing ones are left out. */
export async function listMessages(deps: MessageStoreDeps, range: MessageRange): Promise<ArchivedMessage[]> {
  if (range.fromSeq > range.toSeq) return [];
  const found: ArchivedMessage[] = [];
  let bytes = 0;
  for await (const item of queryRange(deps, range)) {
    // An earlier epoch of the topic may have left messages with these seqs.
    if (decodeItem({ epoch: text }, item).epoch !== range.epoch) continue;
    const message = decodeItem(MESSAGE, item);
    found.push(message);
    bytes += message.message.length;
    if (bytes > range.bytes) break;
  }
  return found;
}

/** Returns the archived items of these seqs, of whatever epoch, strongly consistent. */
export const queryRange = (
  { client, table }: MessageStoreDeps,
  { topic, fromSeq, toSeq }: Pick<MessageRange, 'topic' | 'fromSeq' | 'toSeq'>,
): AsyncGenerator<Record<string, AttributeValue>> =>
  query(client, {
    TableName: table,
    KeyConditionExpression: '#topic = :topic AND #seq BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#topic': MESSAGES.partitionKey, '#seq': MESSAGES.sortKey },
    ExpressionAttributeValues: encodeItem({ ':topic': topic, ':from': fromSeq, ':to': toSeq }),
    ConsistentRead: true,
  });

const toItem = (message: ArchivedMessage, retentionSeconds: number): Record<string, AttributeValue> =>
  encodeItem({
    topic: message.topic,
    seq: message.seq,
    epoch: message.epoch,
    message: message.message,
    publishedAt: message.publishedAt,
    [MESSAGES.ttl]: Math.floor(message.publishedAt / 1_000) + retentionSeconds,
    exclude: message.exclude,
    from: message.from,
    traceId: message.traceId,
  });
