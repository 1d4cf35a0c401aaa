import { type DynamoDBClient, GetItemCommand, QueryCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { isSubscribable } from '../protocol/wildcard.ts';
import { runBounded } from '../run-bounded.ts';
import { encodeItem, type Item } from './attributes.ts';
import { batchWrite } from './batch-write.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { text, wholeNumber } from './item-schema.ts';
import { query } from './query.ts';
import { BY_TOPIC, CONNECTION_RECORD, SUBSCRIPTIONS, topicShard } from './schema.ts';
import type { ConnectionRef } from './connection-record.ts';
import { keyOf, sortKeyOf } from './subscription-record.ts';

/** The dependencies of reading subscriptions. */
export interface SubscriberStoreDeps {
  readonly client: DynamoDBClient;
  /** The Subscriptions table. */
  readonly table: string;
}

/** A subscriber of a topic, as the index shows it. */
export interface Subscriber extends ConnectionRef {
  /** Whether the connection asked for several frames in one. */
  readonly batch: boolean;
  /** Time in epoch milliseconds at which its token ends. Absent: never. */
  readonly tokenEnd?: number | undefined;
  /** The wildcard by which the connection gets the topic. Absent: it has subscribed to the topic itself. */
  readonly wildcard?: string | undefined;
}

/**
 * Lists the subscribers in the first `shards` shards of a topic, as the index shows them. Shards are read in parallel.
 */
export async function* listSubscribers(
  deps: SubscriberStoreDeps,
  topic: string,
  shards = 1,
): AsyncGenerator<Subscriber> {
  for await (const row of listRows(deps, topic, shards)) yield decodeSubscriber(row);
}

/** Lists the rows of the subscribers in the first `shards` shards of a topic. Shards are read in parallel. */
export async function* listRows(deps: SubscriberStoreDeps, topic: string, shards: number): AsyncGenerator<Item> {
  const numbers = Array.from({ length: shards }, (_, shard) => shard);
  const lists = await runBounded(numbers, STORE_BOUNDS.SHARD_READ_CONCURRENCY, (shard) =>
    Array.fromAsync(rowsOf(deps, topic, shard)),
  );
  for (const list of lists) yield* list;
}

/** Lists the subscribers in one shard of a topic, every page to the end. */
export async function* listShard(deps: SubscriberStoreDeps, topic: string, shard: number): AsyncGenerator<Subscriber> {
  for await (const row of rowsOf(deps, topic, shard)) yield decodeSubscriber(row);
}

/** Returns the rows of one shard of a topic, every page to the end. */
const rowsOf = (deps: SubscriberStoreDeps, topic: string, shard: number): AsyncGenerator<Item> =>
  query(deps.client, {
    TableName: deps.table,
    IndexName: BY_TOPIC.name,
    KeyConditionExpression: '#shard = :shard',
    ExpressionAttributeNames: { '#shard': BY_TOPIC.partitionKey },
    ExpressionAttributeValues: encodeItem({ ':shard': topicShard(topic, shard) }),
  });

/** A shard of a topic's subscribers. */
export interface TopicShard {
  readonly topic: string;
  readonly shard: number;
}

/** Returns whether the index shows this subscription already. The index follows the table eventually. */
export async function isIndexed(
  deps: SubscriberStoreDeps,
  { topic, shard }: TopicShard,
  connectionId: string,
): Promise<boolean> {
  const { Count } = await deps.client.send(
    new QueryCommand({
      TableName: deps.table,
      IndexName: BY_TOPIC.name,
      KeyConditionExpression: '#shard = :shard AND #connection = :connection',
      ExpressionAttributeNames: { '#shard': BY_TOPIC.partitionKey, '#connection': BY_TOPIC.sortKey },
      ExpressionAttributeValues: encodeItem({ ':shard': topicShard(topic, shard), ':connection': connectionId }),
      Select: 'COUNT',
    }),
  );
  return (Count ?? 0) > 0;
}

/**
 * Reads the topics and wildcards that a connection is subscribed to, strongly consistent: from its records, not from
 * its list.
 */
export async function getTopics(
  deps: SubscriberStoreDeps,
  { connectionId }: Partial<ConnectionRef> & Pick<ConnectionRef, 'connectionId'>,
): Promise<ReadonlySet<string>> {
  const topics = new Set<string>();
  for await (const record of listRecords(deps, connectionId)) {
    const sortKey = sortKeyOf(record);
    // The connection's other records have sort keys that no topic can have.
    if (isSubscribable(sortKey)) topics.add(sortKey);
  }
  return topics;
}

/** Returns whether the subscription's record exists, strongly consistent. */
export async function isSubscribed(
  deps: SubscriberStoreDeps,
  { connectionId }: ConnectionRef,
  topic: string,
): Promise<boolean> {
  const { Item: found } = await deps.client.send(
    new GetItemCommand({
      TableName: deps.table,
      Key: keyOf(connectionId, topic),
      ConsistentRead: true,
      ProjectionExpression: SUBSCRIPTIONS.partitionKey,
    }),
  );
  return found !== undefined;
}

/** Deletes all records of a connection. Resolves to their number; what could not be deleted is left to its TTL. */
export const removeConnection = (deps: SubscriberStoreDeps, connectionId: string): Promise<number> =>
  removeRecords(deps, connectionId, () => true);

/** Deletes all records of a connection but its list of topics, by which the index shows it under its subject. */
export const removeSubscriptions = (deps: SubscriberStoreDeps, connectionId: string): Promise<number> =>
  removeRecords(deps, connectionId, (sortKey) => sortKey !== CONNECTION_RECORD);

async function removeRecords(
  deps: SubscriberStoreDeps,
  connectionId: string,
  isDue: (sortKey: string) => boolean,
): Promise<number> {
  const requests: WriteRequest[] = [];
  for await (const Key of listRecords(deps, connectionId)) {
    if (isDue(sortKeyOf(Key))) requests.push({ DeleteRequest: { Key } });
  }
  const left = await batchWrite(deps.client, deps.table, requests);
  return requests.length - left.length;
}

/** Returns the keys of all records of a connection. */
const listRecords = (deps: SubscriberStoreDeps, connectionId: string) =>
  query(deps.client, {
    TableName: deps.table,
    KeyConditionExpression: '#connection = :connection',
    ProjectionExpression: '#connection, #topic',
    ExpressionAttributeNames: { '#connection': SUBSCRIPTIONS.partitionKey, '#topic': SUBSCRIPTIONS.sortKey },
    ExpressionAttributeValues: encodeItem({ ':connection': connectionId }),
    ConsistentRead: true,
  });

/**
 * Decodes the row of a subscription in the topic index. The only reader that takes attributes by hand: it runs once for
 * each delivery, and `unmarshall` would cost 5 % of the CPU of a broadcast. See
 * docs/adr/0015-items-are-decoded-by-schemas.md.
 */
const decodeSubscriber = (row: Item): Subscriber => ({
  connectionId: text(row['connectionId']?.S, 'connectionId'),
  connectedAt: wholeNumber(Number(row['connectedAt']?.N), 'connectedAt'),
  batch: row['batch']?.BOOL === true,
  ...(row[SUBSCRIPTIONS.tokenEnd] === undefined ? {} : { tokenEnd: Number(row[SUBSCRIPTIONS.tokenEnd]?.N) }),
});
