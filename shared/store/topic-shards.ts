import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { decodeItem, encodeItem, type Item } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { optional, where, wholeNumber } from './item-schema.ts';
import { GROWN_AT, SHARDS, TOPICS } from './schema.ts';
import { enterTopic } from './shard-directory.ts';

/** The dependencies of growing topics. */
export interface TopicShardsDeps {
  readonly client: DynamoDBClient;
  readonly topicsTable: string;
  readonly subscriptionsTable: string;
  readonly now: () => number;
}

/** The shards in a head. A head without them has one shard. */
const HEAD_SHARDS = {
  [SHARDS]: optional(
    where(wholeNumber, (shards) => shards >= 1 && shards <= STORE_BOUNDS.MAX_SHARDS, 'is out of range'),
  ),
} as const;

const HEAD_GROWTH = { [GROWN_AT]: optional(wholeNumber), seq: optional(wholeNumber) } as const;

/** Decodes the number of shards in the image of a head. Throws BadRecordError. */
export const decodeShards = (image: Item): number => decodeItem(HEAD_SHARDS, image)[SHARDS] ?? 1;

/** Returns whether this image of a head comes from the write that raised its shards: it holds no new message. */
export function isGrowth(image: Item): boolean {
  const { grownAt, seq } = decodeItem(HEAD_GROWTH, image);
  return grownAt === seq;
}

/**
 * Returns the shards that a topic with this number of subscribers should have: doubled until they suffice, never fewer.
 */
export function shardsNeeded(subscribers: number, present: number): number {
  let needed = present;
  while (needed < STORE_BOUNDS.MAX_SHARDS && subscribers > needed * STORE_BOUNDS.SHARD_SUBSCRIPTIONS) needed *= 2;
  return Math.min(needed, STORE_BOUNDS.MAX_SHARDS);
}

/** Reads the number of shards of a topic, strongly consistent. A topic without a head has one. */
export async function findShards(client: DynamoDBClient, topicsTable: string, topic: string): Promise<number> {
  const { Item: head = {} } = await client.send(
    new GetItemCommand({
      TableName: topicsTable,
      Key: encodeItem({ [TOPICS.partitionKey]: topic }),
      ConsistentRead: true,
      ProjectionExpression: SHARDS,
    }),
  );
  return decodeShards(head);
}

/**
 * Raises a topic's shards to this number, unless it has as many already, published to or not. Resolves to the number
 * that it then has. The head is written first, then the directory that the routes read: each subscription in a shard is
 * therefore younger than the shard, and the subscription's catch-up sends what was published before the shard existed.
 */
export async function growTopic(deps: TopicShardsDeps, topic: string, wanted: number): Promise<number> {
  const head = await growHead(deps, topic, Math.max(1, Math.min(wanted, STORE_BOUNDS.MAX_SHARDS)));
  const grown = decodeShards(head);
  if (grown > 1) {
    const expiresAt = decodeItem({ [TOPICS.ttl]: wholeNumber }, head)[TOPICS.ttl];
    await tellRoutes(deps, topic, { shards: grown, expiresAt });
  }
  return grown;
}

interface GrownTopic {
  readonly shards: number;
  /** The earliest time at which the head expires, in epoch seconds. */
  readonly expiresAt: number;
}

/** Enters a topic in the directory until shortly before its head can expire: the next head has one shard. */
const tellRoutes = (deps: TopicShardsDeps, topic: string, grown: GrownTopic): Promise<void> =>
  enterTopic({ client: deps.client, table: deps.subscriptionsTable, now: deps.now }, topic, {
    shards: grown.shards,
    // A connection keeps the shard that it got, for as long as it lives.
    until: grown.expiresAt - STORE_BOUNDS.CONNECTION_SECONDS,
  });

async function growHead(deps: TopicShardsDeps, topic: string, wanted: number): Promise<Item> {
  const nowSeconds = Math.floor(deps.now() / 1_000);
  const grow = new UpdateItemCommand({
    TableName: deps.topicsTable,
    Key: encodeItem({ [TOPICS.partitionKey]: topic }),
    UpdateExpression:
      'SET #shards = :shards, #grownAt = if_not_exists(#seq, :zero), #expires = if_not_exists(#expires, :expires)',
    ConditionExpression: 'attribute_not_exists(#shards) OR #shards < :shards',
    ExpressionAttributeNames: { '#shards': SHARDS, '#grownAt': GROWN_AT, '#seq': 'seq', '#expires': TOPICS.ttl },
    ExpressionAttributeValues: encodeItem({
      ':shards': wanted,
      ':zero': 0,
      ':expires': nowSeconds + STORE_BOUNDS.TOPIC_IDLE_SECONDS,
    }),
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    return (await deps.client.send(grow)).Attributes ?? {};
  } catch (error) {
    // The topic has as many shards, or more: the refusal carries the head.
    if (error instanceof ConditionalCheckFailedException && error.Item !== undefined) return error.Item;
    throw error;
  }
}
