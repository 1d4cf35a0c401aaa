import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ClientError } from '../errors.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Position } from '../protocol/position.ts';
import { type Item, N, S } from './attributes.ts';
import { batchWrite } from './batch-write.ts';
import { unwatch, watch } from './presence.ts';
import { BY_TOPIC, CONNECTION_RECORD, SUBSCRIPTIONS } from './schema.ts';
import { type ShardsOf, shardFor } from './shard-directory.ts';
import {
  type Connection,
  keyOf,
  type NewSubscription,
  OPTIONAL_OF_SUBSCRIPTION,
  pingItem,
  recordOf,
  subscriptionItem,
} from './subscription-record.ts';

export interface SubscriptionStoreDeps {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Unique to the request: it makes each write a change. */
  readonly requestId: () => string;
  readonly shardsOf: ShardsOf;
}

/** The write side of subscriptions: what the routes do with a connection's records. */
export interface SubscriptionStore {
  /** A new connection with its first topics. */
  readonly open: (connection: Connection, topics: readonly string[], batch?: true) => Promise<void>;
  /** Subscribes, or asks for a catch-up where subscribed already. Throws `too-many-topics`. */
  readonly subscribe: (connection: Connection, subscription: NewSubscription) => Promise<void>;
  readonly unsubscribe: (connection: Connection, topic: string) => Promise<void>;
  /** Leaves the client's positions where the catch-up finds them. */
  readonly notePositions: (connection: Connection, positions: Readonly<Record<string, Position>>) => Promise<void>;
}

export function createSubscriptionStore(deps: SubscriptionStoreDeps): SubscriptionStore {
  return {
    open: (connection, topics, batch) =>
      open(
        deps,
        connection,
        topics.map((topic) => ({ topic, batch })),
      ),
    subscribe: async (connection, subscription) => {
      const requestId = deps.requestId();
      // The list first: a topic listed but not subscribed to costs a slot; one subscribed to but not listed, the limit.
      const listed = listTopic(deps, connection, { topic: subscription.topic, requestId });
      const [shard] = await Promise.all([shardIn(deps, connection, subscription.topic), listed]);
      const item = subscriptionItem(connection, { ...subscription, shard }, requestId);
      const { watched } = await writeSubscription(deps, connection, item);
      const { topic, presence } = subscription;
      if (presence === true) await watch(deps, connection, { topic, requestId });
      else if (watched) await unwatch(deps, connection, topic);
    },
    unsubscribe: async (connection, topic) => {
      const Key = keyOf(connection, topic);
      const { Attributes } = await deps.client.send(
        new DeleteItemCommand({ TableName: deps.table, Key, ReturnValues: 'ALL_OLD' }),
      );
      const requestId = Attributes?.[SUBSCRIPTIONS.request]?.S;
      if (isWatched(Attributes)) await unwatch(deps, connection, topic);
      if (requestId !== undefined) await unlistTopic(deps, connection, { topic, requestId });
    },
    notePositions: (connection, positions) => put(deps, pingItem(connection, positions, deps.requestId())),
  };
}

async function open(
  deps: SubscriptionStoreDeps,
  connection: Connection,
  subscriptions: readonly NewSubscription[],
): Promise<void> {
  const listed = await Promise.all(
    subscriptions.map(async (each) => {
      const requestId = deps.requestId();
      return { subscription: { ...each, shard: await shardIn(deps, connection, each.topic) }, requestId };
    }),
  );
  const list = Object.fromEntries(listed.map(({ subscription: { topic }, requestId }) => [topic, S(requestId)]));
  const items = [
    { ...recordOf(connection, CONNECTION_RECORD), topics: { M: list } },
    ...listed.map(({ subscription, requestId }) => subscriptionItem(connection, subscription, requestId)),
  ];
  const requests = items.map((Item) => ({ PutRequest: { Item } }));
  const left = await batchWrite(deps.client, deps.table, requests);
  if (left.length > 0) throw new ClientError('unavailable', 'The connection could not be recorded. Try again.');
}

/** A topic in a connection's list, and the request that put it there. */
interface ListedTopic {
  readonly topic: string;
  readonly requestId: string;
}

/** Adds the topic to the connection's list, unless the list is full. */
async function listTopic(deps: SubscriptionStoreDeps, connection: Connection, listed: ListedTopic): Promise<void> {
  try {
    await setListed(deps, connection, listed);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    if (error.Item?.['topics'] !== undefined) throw tooManyTopics(error);
    // It has no list: its records were deleted by mistake, yet the connection lives.
    await createList(deps, connection);
    await setListed(deps, connection, listed);
  }
}

/** Makes an empty list, unless another request has made one meanwhile: what that one put into it must stay. */
async function createList(deps: SubscriptionStoreDeps, connection: Connection): Promise<void> {
  const create = new PutItemCommand({
    TableName: deps.table,
    Item: { ...recordOf(connection, CONNECTION_RECORD), topics: { M: {} } },
    ConditionExpression: 'attribute_not_exists(topics)',
  });
  try {
    await deps.client.send(create);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

async function setListed(deps: SubscriptionStoreDeps, connection: Connection, listed: ListedTopic): Promise<void> {
  await deps.client.send(
    new UpdateItemCommand({
      TableName: deps.table,
      Key: keyOf(connection, CONNECTION_RECORD),
      UpdateExpression: 'SET topics.#topic = :request',
      ConditionExpression: 'size(topics) < :max OR attribute_exists(topics.#topic)',
      ExpressionAttributeNames: { '#topic': listed.topic },
      ExpressionAttributeValues: { ':request': S(listed.requestId), ':max': N(LIMITS.TOPICS_PER_CONNECTION) },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
}

/** Takes the topic off the list, unless a newer subscribe has put it there again. */
async function unlistTopic(
  deps: SubscriptionStoreDeps,
  connection: Connection,
  { topic, requestId }: ListedTopic,
): Promise<void> {
  const update = new UpdateItemCommand({
    TableName: deps.table,
    Key: keyOf(connection, CONNECTION_RECORD),
    UpdateExpression: 'REMOVE topics.#topic',
    ConditionExpression: 'topics.#topic = :request',
    ExpressionAttributeNames: { '#topic': topic },
    ExpressionAttributeValues: { ':request': S(requestId) },
  });
  try {
    await deps.client.send(update);
  } catch (error) {
    // Subscribed to again meanwhile, or disconnected: the list is right as it is.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

const tooManyTopics = (cause: unknown): ClientError =>
  new ClientError('too-many-topics', `A connection may be subscribed to ${LIMITS.TOPICS_PER_CONNECTION} topics.`, {
    cause,
  });

const shardIn = async (
  { shardsOf }: SubscriptionStoreDeps,
  { connectionId }: Connection,
  topic: string,
): Promise<number> => shardFor(connectionId, await shardsOf(topic));

/**
 * Tells whether the record asked for presence before. A subscription that is there keeps its shard: for a moment the
 * index would show it in neither, or in both.
 */
async function writeSubscription(
  deps: SubscriptionStoreDeps,
  connection: Connection,
  item: Record<string, AttributeValue>,
): Promise<{ readonly watched: boolean }> {
  const Key = keyOf(connection, item[SUBSCRIPTIONS.sortKey]?.S ?? '');
  const names = Object.keys(item).filter((name) => !(name in Key));
  const kept = `#${BY_TOPIC.partitionKey} = if_not_exists(#${BY_TOPIC.partitionKey}, :${BY_TOPIC.partitionKey})`;
  const set = names.map((name) => (name === BY_TOPIC.partitionKey ? kept : `#${name} = :${name}`));
  // The record is as if it were put: what this request lacks goes.
  const lacking = OPTIONAL_OF_SUBSCRIPTION.filter((name) => item[name] === undefined);
  const removed = lacking.map((name) => `#${name}`);
  const { Attributes } = await deps.client.send(
    new UpdateItemCommand({
      TableName: deps.table,
      Key,
      ReturnValues: 'ALL_OLD',
      UpdateExpression: `SET ${set.join(', ')}${removed.length === 0 ? '' : ` REMOVE ${removed.join(', ')}`}`,
      ExpressionAttributeNames: Object.fromEntries([...names, ...lacking].map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: valuesOf(item, names),
    }),
  );
  return { watched: isWatched(Attributes) };
}

const isWatched = (old: Item | undefined): boolean => old?.['presence']?.BOOL === true;

const valuesOf = (item: Record<string, AttributeValue>, names: readonly string[]): Record<string, AttributeValue> =>
  Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) => (names.includes(name) ? [[`:${name}`, value] as const] : [])),
  );

async function put(deps: SubscriptionStoreDeps, Item: Record<string, AttributeValue>): Promise<void> {
  await deps.client.send(new PutItemCommand({ TableName: deps.table, Item }));
}
