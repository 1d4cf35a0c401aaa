import { type DynamoDBClient, GetItemCommand, QueryCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { getCount, getText, type Item, S } from './attributes.ts';
import { batchWrite } from './batch-write.ts';
import { query } from './query.ts';
import { BY_TOPIC, CONNECTION_RECORD, SUBSCRIPTIONS, topicShard } from './schema.ts';
import { type Connection, keyOf } from './subscription-record.ts';

export interface SubscriberStoreDeps {
  readonly client: DynamoDBClient;
  readonly table: string;
}

export interface Subscriber extends Connection {
  /** It asked for several frames in one. */
  readonly batch: boolean;
}

/** The topic's subscribers as the index shows them, every page to the end. */
export async function* listSubscribers(deps: SubscriberStoreDeps, topic: string): AsyncGenerator<Subscriber> {
  const pages = query(deps.client, {
    TableName: deps.table,
    IndexName: BY_TOPIC.name,
    KeyConditionExpression: '#shard = :shard',
    ExpressionAttributeNames: { '#shard': BY_TOPIC.partitionKey },
    ExpressionAttributeValues: { ':shard': S(topicShard(topic)) },
  });
  for await (const item of pages) yield decodeSubscriber(item);
}

/** Whether the index shows this subscription already. It follows the table eventually. */
export async function isIndexed(deps: SubscriberStoreDeps, topic: string, connectionId: string): Promise<boolean> {
  const { Count } = await deps.client.send(
    new QueryCommand({
      TableName: deps.table,
      IndexName: BY_TOPIC.name,
      KeyConditionExpression: '#shard = :shard AND #connection = :connection',
      ExpressionAttributeNames: { '#shard': BY_TOPIC.partitionKey, '#connection': BY_TOPIC.sortKey },
      ExpressionAttributeValues: { ':shard': S(topicShard(topic)), ':connection': S(connectionId) },
      Select: 'COUNT',
    }),
  );
  return (Count ?? 0) > 0;
}

/** The topics that a connection is subscribed to, strongly consistent. */
export async function getTopics(deps: SubscriberStoreDeps, connection: Connection): Promise<ReadonlySet<string>> {
  const { Item } = await deps.client.send(
    new GetItemCommand({ TableName: deps.table, Key: keyOf(connection, CONNECTION_RECORD), ConsistentRead: true }),
  );
  return new Set(Item?.['topics']?.SS);
}

/** Deletes all records of a connection. Resolves to how many; what could not be deleted is left to its TTL. */
export async function removeConnection(deps: SubscriberStoreDeps, connectionId: string): Promise<number> {
  const requests: WriteRequest[] = [];
  const records = query(deps.client, {
    TableName: deps.table,
    KeyConditionExpression: '#connection = :connection',
    ProjectionExpression: '#connection, #topic',
    ExpressionAttributeNames: { '#connection': SUBSCRIPTIONS.partitionKey, '#topic': SUBSCRIPTIONS.sortKey },
    ExpressionAttributeValues: { ':connection': S(connectionId) },
    ConsistentRead: true,
  });
  for await (const Key of records) requests.push({ DeleteRequest: { Key } });
  const left = await batchWrite(deps.client, deps.table, requests);
  return requests.length - left.length;
}

const decodeSubscriber = (item: Item): Subscriber => ({
  connectionId: getText(item, 'connectionId'),
  connectedAt: getCount(item, 'connectedAt'),
  batch: item['batch']?.BOOL === true,
});
