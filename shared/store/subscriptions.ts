import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ClientError } from '../errors.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Position } from '../protocol/position.ts';
import { decodeItem, encodeItem, type Values } from './attributes.ts';
import { batchWrite } from './batch-write.ts';
import { flag, lenient, text } from './item-schema.ts';
import { unwatch, watch } from './presence.ts';
import { BY_TOPIC, CONNECTION_RECORD, OWED, SUBSCRIPTIONS } from './schema.ts';
import { type ShardsOf, shardFor } from './shard-directory.ts';
import {
  type ConnectionRef,
  keyOf,
  type NewSubscription,
  pingItem,
  recordOf,
  subscriptionValues,
} from './subscription-record.ts';

/** The dependencies of the write side of subscriptions. */
export interface SubscriptionStoreDeps {
  readonly client: DynamoDBClient;
  /** The Subscriptions table. */
  readonly table: string;
  /** Returns an id unique to the request: it makes each write a change. */
  readonly requestId: () => string;
  readonly shardsOf: ShardsOf;
}

/** The write side of subscriptions: the routes' writes to a connection's records. */
export interface SubscriptionStore {
  /** Records a new connection with its first topics. */
  readonly open: (connection: ConnectionRef, topics: readonly string[], batch?: true) => Promise<void>;
  /** Subscribes, or asks for a catch-up if subscribed already. Throws `too-many-topics`. */
  readonly subscribe: (connection: ConnectionRef, subscription: NewSubscription) => Promise<void>;
  readonly unsubscribe: (connection: ConnectionRef, topic: string) => Promise<void>;
  /** Records the client's positions for the catch-up. */
  readonly notePositions: (connection: ConnectionRef, positions: Readonly<Record<string, Position>>) => Promise<void>;
}

/** The attributes of a subscription as it was before a write, as far as the write needs them. */
const OLD_SUBSCRIPTION = { [SUBSCRIPTIONS.request]: lenient(text), presence: flag } as const;

/** The attributes that are removed when a new subscribe lacks them. */
const REMOVED_WHEN_MISSING = ['position', 'history', 'batch', 'presence', OWED] as const;

/** Creates the write side of subscriptions. */
export function createSubscriptionStore(deps: SubscriptionStoreDeps): SubscriptionStore {
  return {
    open: (connection, topics, batch) =>
      open(
        deps,
        connection,
        topics.map((topic) => ({ topic, batch })),
      ),
    subscribe: (connection, subscription) => subscribe(deps, connection, subscription),
    unsubscribe: (connection, topic) => unsubscribe(deps, connection, topic),
    notePositions: async (connection, positions) => {
      const Item = pingItem(connection, positions, deps.requestId());
      await deps.client.send(new PutItemCommand({ TableName: deps.table, Item }));
    },
  };
}

async function subscribe(
  deps: SubscriptionStoreDeps,
  connection: ConnectionRef,
  subscription: NewSubscription,
): Promise<void> {
  const { topic, presence } = subscription;
  const requestId = deps.requestId();
  // The list first: a topic listed but not subscribed to costs a slot; one subscribed to but not listed evades the limit.
  const listed = listTopic(deps, connection, { topic, requestId });
  const [shard] = await Promise.all([shardIn(deps, connection, topic), listed]);
  const record = subscriptionValues(connection, { ...subscription, shard }, requestId);
  const { watched } = await writeSubscription(deps, record, keyOf(connection.connectionId, topic));
  if (presence === true) await watch(deps, connection, { topic, requestId });
  else if (watched) await unwatch(deps, connection, topic);
}

async function unsubscribe(deps: SubscriptionStoreDeps, connection: ConnectionRef, topic: string): Promise<void> {
  const Key = keyOf(connection.connectionId, topic);
  const { Attributes = {} } = await deps.client.send(
    new DeleteItemCommand({ TableName: deps.table, Key, ReturnValues: 'ALL_OLD' }),
  );
  const { request: requestId, presence } = decodeItem(OLD_SUBSCRIPTION, Attributes);
  if (presence) await unwatch(deps, connection, topic);
  if (requestId !== undefined) await unlistTopic(deps, connection, { topic, requestId });
}

async function open(
  deps: SubscriptionStoreDeps,
  connection: ConnectionRef,
  subscriptions: readonly NewSubscription[],
): Promise<void> {
  const listed = await Promise.all(
    subscriptions.map(async (each) => {
      const requestId = deps.requestId();
      return { subscription: { ...each, shard: await shardIn(deps, connection, each.topic) }, requestId };
    }),
  );
  const topics = new Map(listed.map(({ subscription: { topic }, requestId }) => [topic, requestId]));
  const records = [
    { ...recordOf(connection, CONNECTION_RECORD), topics },
    ...listed.map(({ subscription, requestId }) => subscriptionValues(connection, subscription, requestId)),
  ];
  const requests = records.map((record) => ({ PutRequest: { Item: encodeItem(record) } }));
  const left = await batchWrite(deps.client, deps.table, requests);
  if (left.length > 0) throw new ClientError('unavailable', 'The connection could not be recorded. Try again.');
}

/** A topic in a connection's list, and the request that put it there. */
interface ListedTopic {
  readonly topic: string;
  readonly requestId: string;
}

/** Adds the topic to the connection's list, unless the list is full. */
async function listTopic(deps: SubscriptionStoreDeps, connection: ConnectionRef, listed: ListedTopic): Promise<void> {
  try {
    await setListed(deps, connection, listed);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    if (error.Item?.['topics'] !== undefined) throw tooManyTopics(error);
    // There is no list: the connection's records were deleted by mistake, and yet it lives.
    await createList(deps, connection);
    await setListed(deps, connection, listed);
  }
}

/** Creates an empty list, unless another request has created one meanwhile: its entries must stay. */
async function createList(deps: SubscriptionStoreDeps, connection: ConnectionRef): Promise<void> {
  const create = new PutItemCommand({
    TableName: deps.table,
    Item: encodeItem({ ...recordOf(connection, CONNECTION_RECORD), topics: {} }),
    ConditionExpression: 'attribute_not_exists(topics)',
  });
  try {
    await deps.client.send(create);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

async function setListed(deps: SubscriptionStoreDeps, connection: ConnectionRef, listed: ListedTopic): Promise<void> {
  await deps.client.send(
    new UpdateItemCommand({
      TableName: deps.table,
      Key: keyOf(connection.connectionId, CONNECTION_RECORD),
      UpdateExpression: 'SET topics.#topic = :request',
      ConditionExpression: 'size(topics) < :max OR attribute_exists(topics.#topic)',
      ExpressionAttributeNames: { '#topic': listed.topic },
      ExpressionAttributeValues: encodeItem({ ':request': listed.requestId, ':max': LIMITS.TOPICS_PER_CONNECTION }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
}

/** Removes the topic from the list, unless a newer subscribe has put it there again. */
async function unlistTopic(
  deps: SubscriptionStoreDeps,
  connection: ConnectionRef,
  { topic, requestId }: ListedTopic,
): Promise<void> {
  const update = new UpdateItemCommand({
    TableName: deps.table,
    Key: keyOf(connection.connectionId, CONNECTION_RECORD),
    UpdateExpression: 'REMOVE topics.#topic',
    ConditionExpression: 'topics.#topic = :request',
    ExpressionAttributeNames: { '#topic': topic },
    ExpressionAttributeValues: encodeItem({ ':request': requestId }),
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
  { connectionId }: ConnectionRef,
  topic: string,
): Promise<number> => shardFor(connectionId, await shardsOf(topic));

/**
 * Writes the record and returns whether presence was on before. An existing subscription keeps its shard
 * (`if_not_exists`): the index updates asynchronously, and would list it in both shards or in none for a moment.
 */
async function writeSubscription(
  deps: SubscriptionStoreDeps,
  record: Values,
  Key: ReturnType<typeof keyOf>,
): Promise<{ readonly watched: boolean }> {
  const names = Object.keys(record).filter((name) => !(name in Key) && record[name] !== undefined);
  const kept = `#${BY_TOPIC.partitionKey} = if_not_exists(#${BY_TOPIC.partitionKey}, :${BY_TOPIC.partitionKey})`;
  const set = names.map((name) => (name === BY_TOPIC.partitionKey ? kept : `#${name} = :${name}`));
  const lacking = REMOVED_WHEN_MISSING.filter((name) => record[name] === undefined);
  const removed = lacking.map((name) => `#${name}`);
  const { Attributes = {} } = await deps.client.send(
    new UpdateItemCommand({
      TableName: deps.table,
      Key,
      ReturnValues: 'ALL_OLD',
      UpdateExpression: `SET ${set.join(', ')}${removed.length === 0 ? '' : ` REMOVE ${removed.join(', ')}`}`,
      ExpressionAttributeNames: Object.fromEntries([...names, ...lacking].map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: encodeItem(Object.fromEntries(names.map((name) => [`:${name}`, record[name]]))),
    }),
  );
  return { watched: decodeItem(OLD_SUBSCRIPTION, Attributes).presence };
}
