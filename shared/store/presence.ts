import { createHash } from 'node:crypto';
import { DeleteItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { getCount, getText, type Item, S } from './attributes.ts';
import { query } from './query.ts';
import { BY_TOPIC, SHARDS, SUBSCRIPTIONS, TOPICS, WATCH_PREFIX, watchersPlace } from './schema.ts';
import { type SubscriberStoreDeps, listSubscribers } from './subscribers.ts';
import { type Connection, keyOf, recordOf } from './subscription-record.ts';
import { decodeShards } from './topic-shards.ts';

/** A subscription that came to be or ended. */
export interface Arrival {
  readonly kind: 'joined' | 'left';
  readonly topic: string;
  readonly connection: Connection;
}

/** A connection asks to be told of a topic's members. */
interface Watch {
  readonly kind: 'watching';
  readonly topic: string;
  readonly connection: Connection;
}

export type PresenceEvent = Arrival | Watch;

/** The write side: a connection watches a topic from now on, and is told anew who is there. */
export async function watch(
  { client, table }: SubscriberStoreDeps,
  connection: Connection,
  { topic, requestId }: { readonly topic: string; readonly requestId: string },
): Promise<void> {
  const Item = {
    ...recordOf(connection, WATCH_PREFIX + topic),
    [BY_TOPIC.partitionKey]: S(watchersPlace(topic)),
    [SUBSCRIPTIONS.watch]: S(requestId),
  };
  await client.send(new PutItemCommand({ TableName: table, Item }));
}

export async function unwatch(
  { client, table }: SubscriberStoreDeps,
  connection: Connection,
  topic: string,
): Promise<void> {
  await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(connection, WATCH_PREFIX + topic) }));
}

/** Those who watch a topic, as the index shows them. */
export async function* listWatchers(deps: SubscriberStoreDeps, topic: string): AsyncGenerator<Connection> {
  const items = query(deps.client, {
    TableName: deps.table,
    IndexName: BY_TOPIC.name,
    KeyConditionExpression: '#place = :place',
    ExpressionAttributeNames: { '#place': BY_TOPIC.partitionKey },
    ExpressionAttributeValues: { ':place': S(watchersPlace(topic)) },
  });
  for await (const item of items) yield connectionOf(item);
}

export interface MemberStoreDeps extends SubscriberStoreDeps {
  readonly topicsTable: string;
}

/** Connection ids of all subscribers of a topic, whatever shards they are in, as the index shows them. */
export async function* listMembers(deps: MemberStoreDeps, topic: string): AsyncGenerator<string> {
  const shards = await findShards(deps.client, deps.topicsTable, topic);
  for await (const { connectionId } of listSubscribers(deps, topic, shards)) yield connectionId;
}

async function findShards(client: DynamoDBClient, table: string, topic: string): Promise<number> {
  const { Item = {} } = await client.send(
    new GetItemCommand({
      TableName: table,
      Key: { [TOPICS.partitionKey]: S(topic) },
      ConsistentRead: true,
      ProjectionExpression: SHARDS,
    }),
  );
  return decodeShards(Item);
}

/** What a row of the topic index says, by what became of it; undefined when nothing. Throws BadRecordError. */
export function decodePresence(item: Item, became: 'new' | 'changed' | 'removed'): PresenceEvent | undefined {
  if (item[BY_TOPIC.partitionKey] === undefined) return undefined;
  const name = getText(item, SUBSCRIPTIONS.sortKey);
  const connection = connectionOf(item);
  if (!name.startsWith(WATCH_PREFIX)) {
    return became === 'changed' ? undefined : { kind: became === 'new' ? 'joined' : 'left', topic: name, connection };
  }
  return became === 'removed' ? undefined : { kind: 'watching', topic: name.slice(WATCH_PREFIX.length), connection };
}

/** Characters of a member's name: 72 bits, so that no two of a topic have the same. */
const MEMBER_LENGTH = 12;

/** The name of a connection for others: its id stays the server's, and cannot be had from this. */
export const memberOf = (connectionId: string): string =>
  createHash('sha256').update(connectionId).digest('base64url').slice(0, MEMBER_LENGTH);

const connectionOf = (item: Item): Connection => ({
  connectionId: getText(item, SUBSCRIPTIONS.partitionKey),
  connectedAt: getCount(item, 'connectedAt'),
});
