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
import { flag, lenient, text, wholeNumber } from './item-schema.ts';
import { NOT_SUPERSEDED, notSuperseded, unlessSuperseded } from './frame-order.ts';
import { unwatch, watch } from './presence.ts';
import { BY_TOPIC, CONNECTION_RECORD, SUBSCRIPTIONS } from './schema.ts';
import { type FirstTopics, openConnection } from './open-connection.ts';
import { findShard, type ShardsOf } from './shard-directory.ts';
import {
  type ConnectionRef,
  entryOf,
  keyOf,
  type NewSubscription,
  pingItem,
  recordOf,
  type Sender,
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
  /** Records a new connection with its first topics, and with those that it is to be told are refused. */
  readonly open: (connection: Sender, first: FirstTopics) => Promise<void>;
  /** Subscribes, or asks for a catch-up if subscribed already. Throws `too-many-topics`. */
  readonly subscribe: (connection: Sender, subscription: NewSubscription) => Promise<void>;
  readonly unsubscribe: (connection: Sender, topic: string) => Promise<void>;
  /** Records the client's positions for the catch-up. */
  readonly notePositions: (connection: Sender, positions: Readonly<Record<string, Position>>) => Promise<void>;
}

/** The attributes of a subscription as it was before a write, as far as the write needs them. */
const OLD_SUBSCRIPTION = {
  [SUBSCRIPTIONS.request]: lenient(text),
  [SUBSCRIPTIONS.receivedAt]: lenient(wholeNumber),
  presence: flag,
} as const;

/** The attributes that are removed when a new subscribe lacks them. */
const REMOVED_WHEN_MISSING = ['position', 'history', 'batch'] as const;

/** Creates the write side of subscriptions. */
export function createSubscriptionStore(deps: SubscriptionStoreDeps): SubscriptionStore {
  return {
    open: (connection, first) => openConnection(deps, connection, first),
    subscribe: (connection, subscription) => subscribe(deps, connection, subscription),
    unsubscribe: (connection, topic) => unsubscribe(deps, connection, topic),
    notePositions: async (connection, positions) => {
      const Item = pingItem(connection, positions, deps.requestId());
      const put = new PutItemCommand({ TableName: deps.table, Item, ...notSuperseded(connection) });
      await unlessSuperseded(deps.client.send(put));
    },
  };
}

async function subscribe(deps: SubscriptionStoreDeps, sender: Sender, subscription: NewSubscription): Promise<void> {
  const { topic, presence } = subscription;
  const requestId = deps.requestId();
  // The list first: a topic listed but not subscribed to costs a slot; one subscribed to but not listed evades the limit.
  const listed = listTopic(deps, sender, { topic, requestId });
  const [shard] = await Promise.all([findShard(deps.shardsOf, sender, topic), listed]);
  const record = subscriptionValues(sender, { ...subscription, shard }, requestId);
  const written = await unlessSuperseded(writeSubscription(deps, record, keyOf(sender.connectionId, topic)));
  if (written === undefined) return;
  if (presence === true) await unlessSuperseded(watch(deps, sender, { topic, requestId }));
  else if (written.watched) await unlessSuperseded(unwatch(deps, sender, topic));
}

async function unsubscribe(deps: SubscriptionStoreDeps, sender: Sender, topic: string): Promise<void> {
  const Key = keyOf(sender.connectionId, topic);
  const remove = new DeleteItemCommand({
    TableName: deps.table,
    Key,
    ...notSuperseded(sender),
    ReturnValues: 'ALL_OLD',
  });
  const removed = await unlessSuperseded(deps.client.send(remove));
  if (removed?.Attributes === undefined) return;
  const { request = '', receivedAt, presence } = decodeItem(OLD_SUBSCRIPTION, removed.Attributes);
  if (presence) await unlessSuperseded(unwatch(deps, sender, topic));
  await unlistTopic(deps, sender, { topic, entry: entryOf({ receivedAt }, request) });
}

/** A topic, and the request that subscribes to it. */
interface TopicRequest {
  readonly topic: string;
  readonly requestId: string;
}

/** Adds the topic to the connection's list, unless the list is full. */
async function listTopic(deps: SubscriptionStoreDeps, sender: Sender, request: TopicRequest): Promise<void> {
  try {
    await setListed(deps, sender, request);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    if (error.Item?.['topics'] !== undefined) throw tooManyTopics(error);
    // There is no list: the connection's records were deleted by mistake, and yet it lives.
    await createList(deps, sender);
    await setListed(deps, sender, request);
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

async function setListed(
  deps: SubscriptionStoreDeps,
  sender: Sender,
  { topic, requestId }: TopicRequest,
): Promise<void> {
  await deps.client.send(
    new UpdateItemCommand({
      TableName: deps.table,
      Key: keyOf(sender.connectionId, CONNECTION_RECORD),
      UpdateExpression: 'SET topics.#topic = :entry',
      ConditionExpression: 'size(topics) < :max OR attribute_exists(topics.#topic)',
      ExpressionAttributeNames: { '#topic': topic },
      ExpressionAttributeValues: encodeItem({
        ':entry': entryOf(sender, requestId),
        ':max': LIMITS.TOPICS_PER_CONNECTION,
      }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
}

interface ListedTopic {
  readonly topic: string;
  /** The entry that belongs to the deleted record. */
  readonly entry: string;
}

/**
 * Removes the topic from the list, unless another subscribe has put it there that is not older than the unsubscribe.
 */
async function unlistTopic(
  deps: SubscriptionStoreDeps,
  { connectionId, receivedAt = 0 }: Sender,
  { topic, entry }: ListedTopic,
): Promise<void> {
  const update = new UpdateItemCommand({
    TableName: deps.table,
    Key: keyOf(connectionId, CONNECTION_RECORD),
    UpdateExpression: 'REMOVE topics.#topic',
    ConditionExpression: 'topics.#topic = :entry OR topics.#topic < :receivedAt',
    ExpressionAttributeNames: { '#topic': topic },
    ExpressionAttributeValues: encodeItem({ ':entry': entry, ':receivedAt': String(receivedAt) }),
  });
  // Subscribed to again meanwhile, or disconnected: the list is right as it is.
  await unlessSuperseded(deps.client.send(update));
}

const tooManyTopics = (cause: unknown): ClientError =>
  new ClientError('too-many-topics', `A connection may be subscribed to ${LIMITS.TOPICS_PER_CONNECTION} topics.`, {
    cause,
  });

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
      ConditionExpression: NOT_SUPERSEDED,
      ReturnValues: 'ALL_OLD',
      UpdateExpression: `SET ${set.join(', ')}${removed.length === 0 ? '' : ` REMOVE ${removed.join(', ')}`}`,
      ExpressionAttributeNames: Object.fromEntries([...names, ...lacking].map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: encodeItem(Object.fromEntries(names.map((name) => [`:${name}`, record[name]]))),
    }),
  );
  return { watched: decodeItem(OLD_SUBSCRIPTION, Attributes).presence };
}
