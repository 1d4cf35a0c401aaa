import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { BadRecordError } from '../errors.ts';
import { findCount, getCount, type Item, N, S } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { GROWN_AT, SHARDS, TOPICS } from './schema.ts';
import { enterTopic } from './shard-directory.ts';

export interface TopicShardsDeps {
  readonly client: DynamoDBClient;
  readonly topicsTable: string;
  readonly subscriptionsTable: string;
  readonly now: () => number;
}

/** The number of shards in the image of a head. Throws BadRecordError. */
export function decodeShards(image: Item): number {
  const shards = findCount(image, SHARDS) ?? 1;
  if (shards < 1 || shards > STORE_BOUNDS.MAX_SHARDS) throw new BadRecordError(`attribute ${SHARDS} is out of range`);
  return shards;
}

/** Whether this image of a head is of the write that made the topic grow: it tells of no new message. */
export const isGrowth = (image: Item): boolean => findCount(image, GROWN_AT) === findCount(image, 'seq');

/** The shards that a topic with so many subscribers should have: doubled until they are enough, and never fewer. */
export function shardsNeeded(subscribers: number, shards: number): number {
  let needed = shards;
  while (needed < STORE_BOUNDS.MAX_SHARDS && subscribers > needed * STORE_BOUNDS.SHARD_SUBSCRIPTIONS) needed *= 2;
  return Math.min(needed, STORE_BOUNDS.MAX_SHARDS);
}

/**
 * Gives a topic so many shards, unless it has as many already, published to or not. Resolves to how many it has. The
 * head first, then the directory that the routes go by: so each subscription in a shard is younger than the shard, and
 * what was published before the shard was there is in what the subscription's catch-up sends.
 */
export async function growTopic(deps: TopicShardsDeps, topic: string, shards: number): Promise<number> {
  const wanted = Math.max(1, Math.min(shards, STORE_BOUNDS.MAX_SHARDS));
  const head = await growHead(deps, topic, wanted);
  const grown = decodeShards(head);
  if (grown > 1) await tellRoutes(deps, topic, { shards: grown, expiresAt: getCount(head, TOPICS.ttl) });
  return grown;
}

interface GrownTopic {
  readonly shards: number;
  /** When the head expires at the earliest, in epoch seconds. */
  readonly expiresAt: number;
}

/** Enters a topic in the directory until shortly before its head can expire: the next head has one shard. */
const tellRoutes = (deps: TopicShardsDeps, topic: string, { shards, expiresAt }: GrownTopic): Promise<void> =>
  enterTopic({ client: deps.client, table: deps.subscriptionsTable, now: deps.now }, topic, {
    shards,
    // A connection lives so long, and lives by the shard that it once got.
    until: expiresAt - STORE_BOUNDS.CONNECTION_SECONDS,
  });

async function growHead(deps: TopicShardsDeps, topic: string, shards: number): Promise<Item> {
  const nowSeconds = Math.floor(deps.now() / 1_000);
  const grow = new UpdateItemCommand({
    TableName: deps.topicsTable,
    Key: { [TOPICS.partitionKey]: S(topic) },
    UpdateExpression:
      'SET #shards = :shards, #grownAt = if_not_exists(#seq, :zero), #expires = if_not_exists(#expires, :expires)',
    ConditionExpression: 'attribute_not_exists(#shards) OR #shards < :shards',
    ExpressionAttributeNames: { '#shards': SHARDS, '#grownAt': GROWN_AT, '#seq': 'seq', '#expires': TOPICS.ttl },
    ExpressionAttributeValues: {
      ':shards': N(shards),
      ':zero': N(0),
      ':expires': N(nowSeconds + STORE_BOUNDS.TOPIC_IDLE_SECONDS),
    },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    return (await deps.client.send(grow)).Attributes ?? {};
  } catch (error) {
    // It has as many, or more: the refusal carries them.
    if (error instanceof ConditionalCheckFailedException && error.Item !== undefined) return error.Item;
    throw error;
  }
}
