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
import { N, S } from './attributes.ts';
import { batchWrite } from './batch-write.ts';
import { CONNECTION_RECORD, SUBSCRIPTIONS } from './schema.ts';
import {
  type Connection,
  keyOf,
  type NewSubscription,
  pingItem,
  recordOf,
  subscriptionItem,
} from './subscription-record.ts';

export interface SubscriptionStoreDeps {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Unique to the request: it makes each write a change. */
  readonly requestId: () => string;
}

/** The write side of subscriptions: what the routes do with a connection's records. */
export interface SubscriptionStore {
  /** A new connection with its first topics. */
  readonly open: (connection: Connection, topics: readonly string[]) => Promise<void>;
  /** Subscribes, or asks for a catch-up where subscribed already. Throws `too-many-topics`. */
  readonly subscribe: (connection: Connection, subscription: NewSubscription) => Promise<void>;
  readonly unsubscribe: (connection: Connection, topic: string) => Promise<void>;
  /** Leaves the client's positions where the catch-up finds them. */
  readonly notePositions: (connection: Connection, positions: Readonly<Record<string, Position>>) => Promise<void>;
}

export function createSubscriptionStore(deps: SubscriptionStoreDeps): SubscriptionStore {
  return {
    open: (connection, topics) => open(deps, connection, topics),
    subscribe: async (connection, subscription) => {
      // The list first: a topic listed but not subscribed to costs a slot; one subscribed to but not listed, the limit.
      await listTopic(deps, connection, subscription.topic);
      await put(deps, subscriptionItem(connection, subscription, deps.requestId()));
    },
    unsubscribe: async (connection, topic) => {
      await deps.client.send(new DeleteItemCommand({ TableName: deps.table, Key: keyOf(connection, topic) }));
      await unlistTopic(deps, connection, topic);
    },
    notePositions: (connection, positions) => put(deps, pingItem(connection, positions, deps.requestId())),
  };
}

async function open(deps: SubscriptionStoreDeps, connection: Connection, topics: readonly string[]): Promise<void> {
  const list = {
    ...recordOf(connection, CONNECTION_RECORD),
    ...(topics.length === 0 ? {} : { topics: { SS: [...topics] } }),
  };
  const items = [list, ...topics.map((topic) => subscriptionItem(connection, { topic }, deps.requestId()))];
  const left = await batchWrite(
    deps.client,
    deps.table,
    items.map((Item) => ({ PutRequest: { Item } })),
  );
  if (left.length > 0) throw new ClientError('unavailable', 'The connection could not be recorded. Try again.');
}

/** Adds the topic to the connection's list, unless the list is full. */
async function listTopic(deps: SubscriptionStoreDeps, connection: Connection, topic: string): Promise<void> {
  const { connectedAt, expiresAt } = recordOf(connection, CONNECTION_RECORD);
  const update = new UpdateItemCommand({
    TableName: deps.table,
    Key: keyOf(connection, CONNECTION_RECORD),
    UpdateExpression: 'SET connectedAt = :connectedAt, #expires = :expires ADD topics :topics',
    ConditionExpression: 'attribute_not_exists(topics) OR size(topics) < :max OR contains(topics, :topic)',
    ExpressionAttributeNames: { '#expires': SUBSCRIPTIONS.ttl },
    ExpressionAttributeValues: {
      ':connectedAt': connectedAt,
      ':expires': expiresAt,
      ':topics': { SS: [topic] },
      ':topic': S(topic),
      ':max': N(LIMITS.TOPICS_PER_CONNECTION),
    },
  });
  try {
    await deps.client.send(update);
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
    throw new ClientError(
      'too-many-topics',
      `A connection may be subscribed to ${LIMITS.TOPICS_PER_CONNECTION} topics.`,
      { cause },
    );
  }
}

async function unlistTopic(deps: SubscriptionStoreDeps, connection: Connection, topic: string): Promise<void> {
  await deps.client.send(
    new UpdateItemCommand({
      TableName: deps.table,
      Key: keyOf(connection, CONNECTION_RECORD),
      UpdateExpression: 'SET #expires = :expires DELETE topics :topics',
      ExpressionAttributeNames: { '#expires': SUBSCRIPTIONS.ttl },
      ExpressionAttributeValues: {
        ':topics': { SS: [topic] },
        ':expires': recordOf(connection, CONNECTION_RECORD).expiresAt,
      },
    }),
  );
}

async function put(deps: SubscriptionStoreDeps, Item: Record<string, AttributeValue>): Promise<void> {
  await deps.client.send(new PutItemCommand({ TableName: deps.table, Item }));
}
