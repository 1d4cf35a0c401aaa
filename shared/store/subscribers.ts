import { type DynamoDBClient, GetItemCommand, QueryCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { isTopic } from '../protocol/topic.ts';
import { runBounded } from '../run-bounded.ts';
import { getCount, getText, type Item, S } from './attributes.ts';
import { batchWrite } from './batch-write.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { query } from './query.ts';
import { BY_TOPIC, SUBSCRIPTIONS, topicShard } from './schema.ts';
import { type Connection, keyOf } from './subscription-record.ts';

export interface SubscriberStoreDeps {
  readonly client: DynamoDBClient;
  readonly table: string;
}

export interface Subscriber extends Connection {
  /** It asked for several frames in one. */
  readonly batch: boolean;
}

/**
 * The subscribers in the first `shards` shards of a topic, as the index shows them: all of them, shards in parallel.
 */
export async function* listSubscribers(
  deps: SubscriberStoreDeps,
  topic: string,
  shards = 1,
): AsyncGenerator<Subscriber> {
  const numbers = Array.from({ length: shards }, (_, shard) => shard);
  const lists = await runBounded(numbers, STORE_BOUNDS.SHARD_READ_CONCURRENCY, (shard) =>
    Array.fromAsync(listShard(deps, topic, shard)),
  );
  for (const list of lists) yield* list;
}

/** The subscribers in one shard of a topic, every page to the end. */
export async function* listShard(deps: SubscriberStoreDeps, topic: string, shard: number): AsyncGenerator<Subscriber> {
  const pages = query(deps.client, {
    TableName: deps.table,
    IndexName: BY_TOPIC.name,
    KeyConditionExpression: '#shard = :shard',
    ExpressionAttributeNames: { '#shard': BY_TOPIC.partitionKey },
    ExpressionAttributeValues: { ':shard': S(topicShard(topic, shard)) },
  });
  for await (const item of pages) yield decodeSubscriber(item);
}

/** A place in the topic index. */
export interface IndexPlace {
  readonly topic: string;
  readonly shard: number;
}

/** Whether the index shows this subscription already. It follows the table eventually. */
export async function isIndexed(
  deps: SubscriberStoreDeps,
  { topic, shard }: IndexPlace,
  connectionId: string,
): Promise<boolean> {
  const { Count } = await deps.client.send(
    new QueryCommand({
      TableName: deps.table,
      IndexName: BY_TOPIC.name,
      KeyConditionExpression: '#shard = :shard AND #connection = :connection',
      ExpressionAttributeNames: { '#shard': BY_TOPIC.partitionKey, '#connection': BY_TOPIC.sortKey },
      ExpressionAttributeValues: { ':shard': S(topicShard(topic, shard)), ':connection': S(connectionId) },
      Select: 'COUNT',
    }),
  );
  return (Count ?? 0) > 0;
}

/** The topics that a connection is subscribed to, strongly consistent: by its records, whatever its list says. */
export async function getTopics(deps: SubscriberStoreDeps, { connectionId }: Connection): Promise<ReadonlySet<string>> {
  const topics = new Set<string>();
  for await (const record of listRecords(deps, connectionId)) {
    const topic = getText(record, SUBSCRIPTIONS.sortKey);
    // The connection's own records are none.
    if (isTopic(topic)) topics.add(topic);
  }
  return topics;
}

/** Whether the subscription's record is there, strongly consistent. */
export async function isSubscribed(deps: SubscriberStoreDeps, connection: Connection, topic: string): Promise<boolean> {
  const { Item } = await deps.client.send(
    new GetItemCommand({
      TableName: deps.table,
      Key: keyOf(connection, topic),
      ConsistentRead: true,
      ProjectionExpression: SUBSCRIPTIONS.partitionKey,
    }),
  );
  return Item !== undefined;
}

/** Deletes all records of a connection. Resolves to how many; what could not be deleted is left to its TTL. */
export async function removeConnection(deps: SubscriberStoreDeps, connectionId: string): Promise<number> {
  const requests: WriteRequest[] = [];
  for await (const Key of listRecords(deps, connectionId)) requests.push({ DeleteRequest: { Key } });
  const left = await batchWrite(deps.client, deps.table, requests);
  return requests.length - left.length;
}

/** The keys of all records of a connection. */
const listRecords = (deps: SubscriberStoreDeps, connectionId: string) =>
  query(deps.client, {
    TableName: deps.table,
    KeyConditionExpression: '#connection = :connection',
    ProjectionExpression: '#connection, #topic',
    ExpressionAttributeNames: { '#connection': SUBSCRIPTIONS.partitionKey, '#topic': SUBSCRIPTIONS.sortKey },
    ExpressionAttributeValues: { ':connection': S(connectionId) },
    ConsistentRead: true,
  });

const decodeSubscriber = (item: Item): Subscriber => ({
  connectionId: getText(item, 'connectionId'),
  connectedAt: getCount(item, 'connectedAt'),
  batch: item['batch']?.BOOL === true,
});
