import { createHash } from 'node:crypto';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { isWildcard } from '../protocol/wildcard.ts';
import { decodeItem, encodeItem, type Item } from './attributes.ts';
import { notSuperseded } from './frame-order.ts';
import { optional, text, wholeNumber } from './item-schema.ts';
import { query } from './query.ts';
import { BY_TOPIC, CONNECTION_RECORD, presenceShard, REVOKED_RECORD, SUBSCRIPTIONS, WATCH_PREFIX } from './schema.ts';
import { listSubscribers, type SubscriberStoreDeps } from './subscribers.ts';
import { CONNECTION, type ConnectionRef, keyOf, recordOf, type Sender, sortKeyOf } from './subscription-record.ts';
import { findShards } from './topic-shards.ts';

/** A subscription that began or ended. */
export interface Arrival {
  readonly kind: 'joined' | 'left';
  readonly topic: string;
  readonly connection: ConnectionRef;
}

/** A connection's request for a topic's members. */
interface Watch {
  readonly kind: 'watching';
  readonly topic: string;
  readonly connection: Watcher;
}

/** A presence event: a member that joined or left, or a connection that begins to watch. */
export type PresenceEvent = Arrival | Watch;

/** The sort keys of the index's rows that are about no topic. */
const OTHER_ROWS: ReadonlySet<string> = new Set([CONNECTION_RECORD, REVOKED_RECORD]);

/** A row of the topic index: a subscription, or a presence watch. */
const INDEX_ROW = {
  ...CONNECTION,
  [SUBSCRIPTIONS.sortKey]: text,
  [SUBSCRIPTIONS.tokenEnd]: optional(wholeNumber),
} as const;

/**
 * Records that a connection watches a topic's presence. Rejects if a later frame has written the record.
 * Each write makes the presence Lambda send it the members anew.
 */
export async function watch(
  { client, table }: SubscriberStoreDeps,
  sender: Sender,
  { topic, requestId }: { readonly topic: string; readonly requestId: string },
): Promise<void> {
  const record = {
    ...recordOf(sender, WATCH_PREFIX + topic),
    [BY_TOPIC.partitionKey]: presenceShard(topic),
    [SUBSCRIPTIONS.watch]: requestId,
    [SUBSCRIPTIONS.receivedAt]: sender.receivedAt ?? 0,
    [SUBSCRIPTIONS.tokenEnd]: sender.tokenEnd,
  };
  await client.send(new PutItemCommand({ TableName: table, Item: encodeItem(record), ...notSuperseded(sender) }));
}

/** Ends a connection’s presence subscription to a topic. Resolves to its record. Rejects like `watch`. */
export async function unwatch(
  { client, table }: SubscriberStoreDeps,
  sender: Sender,
  topic: string,
): Promise<Item | undefined> {
  const Key = keyOf(sender.connectionId, WATCH_PREFIX + topic);
  const remove = { TableName: table, Key, ...notSuperseded(sender), ReturnValues: 'ALL_OLD' } as const;
  const { Attributes } = await client.send(new DeleteItemCommand(remove));
  return Attributes;
}

/** A connection that watches a topic's presence, as the index shows it. */
export interface Watcher extends ConnectionRef {
  /** Time in epoch milliseconds at which its token ends. Absent: never. */
  readonly tokenEnd?: number | undefined;
}

const WATCHER = { ...CONNECTION, [SUBSCRIPTIONS.tokenEnd]: optional(wholeNumber) } as const;

/** Lists the connections that watch a topic's presence, as the index shows them. */
export async function* listWatchers(deps: SubscriberStoreDeps, topic: string): AsyncGenerator<Watcher> {
  const items = query(deps.client, {
    TableName: deps.table,
    IndexName: BY_TOPIC.name,
    KeyConditionExpression: '#shard = :shard',
    ExpressionAttributeNames: { '#shard': BY_TOPIC.partitionKey },
    ExpressionAttributeValues: encodeItem({ ':shard': presenceShard(topic) }),
  });
  for await (const item of items) yield decodeItem(WATCHER, item);
}

/** The dependencies of listing members. */
export interface MemberStoreDeps extends SubscriberStoreDeps {
  readonly topicsTable: string;
}

/** Lists the connection ids of all subscribers of a topic, in all its shards, as the index shows them. */
export async function* listMembers(deps: MemberStoreDeps, topic: string): AsyncGenerator<string> {
  const shards = await findShards(deps.client, deps.topicsTable, topic);
  for await (const { connectionId } of listSubscribers(deps, topic, shards)) yield connectionId;
}

/**
 * Decodes a row of the topic index by how it changed; undefined when that is no presence event. Throws BadRecordError.
 */
export function decodePresence(item: Item, became: 'new' | 'changed' | 'removed'): PresenceEvent | undefined {
  if (item[BY_TOPIC.partitionKey] === undefined) return undefined;
  // The index lists connections by their subjects, too, and revocations.
  if (OTHER_ROWS.has(sortKeyOf(item))) return undefined;
  const { topic: sortKey, ...connection } = decodeItem(INDEX_ROW, item);
  if (!sortKey.startsWith(WATCH_PREFIX)) {
    // A subscriber of a wildcard is a member of no topic.
    if (became === 'changed' || isWildcard(sortKey)) return undefined;
    return { kind: became === 'new' ? 'joined' : 'left', topic: sortKey, connection };
  }
  return became === 'removed' ? undefined : { kind: 'watching', topic: sortKey.slice(WATCH_PREFIX.length), connection };
}

/** The length of a member's name in characters: 72 bits, so no two members of a topic share a name. */
const MEMBER_LENGTH = 12;

/** Returns the name of a connection for other clients. The connection's id cannot be derived from it. */
export const memberOf = (connectionId: string): string =>
  createHash('sha256').update(connectionId).digest('base64url').slice(0, MEMBER_LENGTH);
