import { GetItemCommand, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { decodeItem, encodeItem, type Item } from './attributes.ts';
import { isSubscribable } from '../protocol/wildcard.ts';
import { flag, mapOf, optional, type Schema, text, wholeNumber } from './item-schema.ts';
import { decodeOwed, type OwedCatchUp } from './owed.ts';
import { query } from './query.ts';
import { type ScanDeps, scan } from './operator-scan.ts';
import { BY_TOPIC, CONNECTION_RECORD, SUBSCRIPTIONS, topicShard, WATCH_PREFIX } from './schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import type { ConnectionRef } from './connection-record.ts';
import { CONNECTION, keyOf } from './subscription-record.ts';

/** A connection that has its record. */
export interface ListedConnection extends ConnectionRef {
  /** The topics in its list, sorted. */
  readonly topics: readonly string[];
}

/** A record of the Subscriptions table, by its key. */
export interface ConnectionRecord {
  readonly connectionId: string;
  /** A topic, or the name of another record of the connection. */
  readonly sortKey: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

const anything: Schema<unknown> = (value) => value;

const CONNECTION_LIST = { ...CONNECTION, topics: mapOf(anything) } as const;

const RECORD = {
  [SUBSCRIPTIONS.partitionKey]: text,
  [SUBSCRIPTIONS.sortKey]: text,
  [SUBSCRIPTIONS.ttl]: wholeNumber,
} as const;

/** Lists every connection that has its record, the newest first. */
export async function listConnections(deps: ScanDeps): Promise<ListedConnection[]> {
  const items = scan(deps, {
    FilterExpression: '#sortKey = :record',
    ExpressionAttributeNames: { '#sortKey': SUBSCRIPTIONS.sortKey },
    ExpressionAttributeValues: encodeItem({ ':record': CONNECTION_RECORD }),
  });
  const connections = await Array.fromAsync(items, (item) => {
    const { topics, ...connection } = decodeItem(CONNECTION_LIST, item);
    return { ...connection, topics: [...topics.keys()].toSorted() };
  });
  return connections.toSorted((a, b) => b.connectedAt - a.connectedAt);
}

/**
 * Lists every record of every connection. The table's other items are left out: the pages of the shard directory, the
 * directory of wildcards and revocations.
 */
export async function* listConnectionRecords(deps: ScanDeps): AsyncGenerator<ConnectionRecord> {
  const items = scan(deps, {
    ProjectionExpression: '#connection, #sortKey, #ttl',
    ExpressionAttributeNames: {
      '#connection': SUBSCRIPTIONS.partitionKey,
      '#sortKey': SUBSCRIPTIONS.sortKey,
      '#ttl': SUBSCRIPTIONS.ttl,
    },
  });
  for await (const item of items) {
    if (isOfNoConnection(item)) continue;
    const { topic: sortKey, ...record } = decodeItem(RECORD, item);
    yield { ...record, sortKey };
  }
}

/** Whether an item is of no connection: a connection's id cannot contain `@`. */
const isOfNoConnection = (item: Item): boolean => item[SUBSCRIPTIONS.partitionKey]?.S?.startsWith('@') === true;

/** Reads the record of a subscription, strongly consistent; undefined when there is none. */
export async function findSubscription(
  { client, table }: SubscriberStoreDeps,
  connectionId: string,
  topic: string,
): Promise<{ readonly connectedAt?: number | undefined } | undefined> {
  const { Item: found } = await client.send(
    new GetItemCommand({ TableName: table, Key: keyOf(connectionId, topic), ConsistentRead: true }),
  );
  return found === undefined ? undefined : decodeItem({ connectedAt: optional(wholeNumber) }, found);
}

/** All records of one connection. */
export interface ConnectionRecords extends ConnectionRef {
  readonly subscriptions: readonly ListedSubscription[];
  /** The topics whose presence it watches. */
  readonly watches: readonly string[];
  /** The catch-ups that it is owed. */
  readonly owed: readonly OwedCatchUp[];
}

/** A subscription as its record shows it. */
interface ListedSubscription {
  readonly topic: string;
  /** Whether the connection asked for several frames in one. */
  readonly batch: boolean;
}

const SUBSCRIPTION = { ...CONNECTION, [SUBSCRIPTIONS.sortKey]: text, batch: flag } as const;

/** Reads all records of a connection, strongly consistent; undefined when it has none. */
export async function findConnectionRecords(
  { client, table }: SubscriberStoreDeps,
  connectionId: string,
): Promise<ConnectionRecords | undefined> {
  const items = await Array.fromAsync(
    query(client, {
      TableName: table,
      KeyConditionExpression: '#connection = :connection',
      ExpressionAttributeNames: { '#connection': SUBSCRIPTIONS.partitionKey },
      ExpressionAttributeValues: encodeItem({ ':connection': connectionId }),
      ConsistentRead: true,
    }),
  );
  const records = items.map((item) => decodeItem(SUBSCRIPTION, item));
  const [first] = records;
  if (first === undefined) return undefined;
  return {
    connectionId,
    connectedAt: first.connectedAt,
    subscriptions: records.flatMap(({ topic, batch }) => (isSubscribable(topic) ? [{ topic, batch }] : [])),
    watches: records.flatMap(({ topic }) => (topic.startsWith(WATCH_PREFIX) ? [topic.slice(WATCH_PREFIX.length)] : [])),
    owed: items.flatMap((item) => decodeOwed(item, undefined) ?? []),
  };
}

/** Counts the subscriptions in all shards of a topic, as the index shows them, up to `most`. */
export async function countSubscribers(
  deps: SubscriberStoreDeps,
  { topic, shards }: { readonly topic: string; readonly shards: number },
  most: number,
): Promise<number> {
  let count = 0;
  for (let shard = 0; shard < shards && count < most; shard++) {
    count += await countShard(deps, topicShard(topic, shard), most - count);
  }
  return count;
}

async function countShard({ client, table }: SubscriberStoreDeps, shard: string, most: number): Promise<number> {
  let count = 0;
  let from: QueryCommandOutput['LastEvaluatedKey'];
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: BY_TOPIC.name,
        KeyConditionExpression: '#shard = :shard',
        ExpressionAttributeNames: { '#shard': BY_TOPIC.partitionKey },
        ExpressionAttributeValues: encodeItem({ ':shard': shard }),
        Select: 'COUNT',
        Limit: most - count,
        ExclusiveStartKey: from,
      }),
    );
    count += page.Count ?? 0;
    from = page.LastEvaluatedKey;
  } while (from !== undefined && count < most);
  return count;
}
