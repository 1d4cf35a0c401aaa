import { GetItemCommand, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { decodeItem, encodeItem } from './attributes.ts';
import { mapOf, optional, type Schema, text, wholeNumber } from './item-schema.ts';
import { type ScanDeps, scan } from './operator-scan.ts';
import { BY_TOPIC, CONNECTION_RECORD, SUBSCRIPTIONS, topicShard } from './schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import { CONNECTION, type ConnectionRef, keyOf } from './subscription-record.ts';

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

/** Lists every record of every connection. The pages of the shard directory, which do not expire, are left out. */
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
    if (item[SUBSCRIPTIONS.ttl] === undefined) continue;
    const { topic: sortKey, ...record } = decodeItem(RECORD, item);
    yield { ...record, sortKey };
  }
}

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
