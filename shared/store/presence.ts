import { createHash } from 'node:crypto';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { isWildcard } from '../protocol/wildcard.ts';
import { decodeItem, encodeItem, type Item, type RecordChange } from './attributes.ts';
import { type AwayCheck, decodeAwayCheck } from './away.ts';
import { notSuperseded } from './frame-order.ts';
import { optional, text, wholeNumber } from './item-schema.ts';
import { decodeDetails, type MemberDetails } from './member-details.ts';
import { query } from './query.ts';
import { BY_TOPIC, CONNECTION_RECORD, presenceShard, REVOKED_RECORD, SUBSCRIPTIONS, WATCH_PREFIX } from './schema.ts';
import { listRows, type SubscriberStoreDeps } from './subscribers.ts';
import { type ConnectionRef, recordOf } from './connection-record.ts';
import { CONNECTION, keyOf, type Sender, sortKeyOf } from './subscription-record.ts';
import { findShards } from './topic-shards.ts';

/** A connection of a topic's member, as the index shows it. */
export interface MemberConnection extends ConnectionRef {
  /** The subject of its token, which is the member. Absent: anonymous, and a member by itself. */
  readonly subject?: string | undefined;
}

/** A subscription that began or ended. */
export interface Arrival {
  readonly kind: 'joined' | 'left';
  readonly topic: string;
  /** The connection, as its record was when it began or ended. */
  readonly connection: MemberConnection & MemberDetails;
}

/** A state that a member has set by a connection, or ended. */
export interface StateChange {
  readonly kind: 'stated';
  readonly topic: string;
  readonly connection: MemberConnection & MemberDetails;
}

/** A connection's request for a topic's members. */
interface Watch {
  readonly kind: 'watching';
  readonly topic: string;
  readonly connection: Watcher;
}

/** A presence event, as a change record shows it. */
export type PresenceEvent = Arrival | Watch | StateChange | AwayCheck;

/** The sort keys of the index's rows that are about no topic. */
const OTHER_ROWS: ReadonlySet<string> = new Set([CONNECTION_RECORD, REVOKED_RECORD]);

/** A row of the topic index: a subscription, or a presence watch. */
const INDEX_ROW = {
  ...CONNECTION,
  [SUBSCRIPTIONS.sortKey]: text,
  [SUBSCRIPTIONS.tokenEnd]: optional(wholeNumber),
  [SUBSCRIPTIONS.subject]: optional(text),
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
    [SUBSCRIPTIONS.subject]: sender.subject,
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
export interface Watcher extends MemberConnection {
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

const MEMBER = { ...CONNECTION, [SUBSCRIPTIONS.subject]: optional(text) } as const;

/** The dependencies of listing members. */
export interface MemberStoreDeps extends SubscriberStoreDeps {
  readonly topicsTable: string;
}

/** Lists the connections of all members of a topic, in all its shards, as the index shows them. */
export async function* listMembers(deps: MemberStoreDeps, topic: string): AsyncGenerator<MemberConnection> {
  const shards = await findShards(deps.client, deps.topicsTable, topic);
  for await (const row of listRows(deps, topic, shards)) yield decodeItem(MEMBER, row);
}

/** Decodes a record by how it changed; undefined when that is no presence event. Throws BadRecordError. */
export function decodePresence(item: Item, change: RecordChange): PresenceEvent | undefined {
  if (item[BY_TOPIC.partitionKey] === undefined) return decodeAwayCheck(item, change);
  // The index lists connections by their subjects, too, and revocations.
  if (OTHER_ROWS.has(sortKeyOf(item))) return undefined;
  const { topic: sortKey, ...connection } = decodeItem(INDEX_ROW, item);
  if (!sortKey.startsWith(WATCH_PREFIX)) return decodeMember(item, change);
  if (change.became === 'removed') return undefined;
  return { kind: 'watching', topic: sortKey.slice(WATCH_PREFIX.length), connection };
}

function decodeMember(item: Item, { became, before }: RecordChange): PresenceEvent | undefined {
  const { topic, connectionId, connectedAt, subject } = decodeItem(INDEX_ROW, item);
  // A subscriber of a wildcard is a member of no topic.
  if (isWildcard(topic)) return undefined;
  const connection = { connectionId, connectedAt, subject, ...decodeDetails(item) };
  if (became !== 'changed') return { kind: became === 'new' ? 'joined' : 'left', topic, connection };
  const isStated = subject !== undefined && connection.statedAt !== decodeDetails(before ?? {}).statedAt;
  return isStated ? { kind: 'stated', topic, connection } : undefined;
}

/** The length of a member's name in characters: 72 bits, so no two members of a topic share a name. */
const MEMBER_LENGTH = 12;

/** Returns the name of a connection for other clients. The connection's id cannot be derived from it. */
export const memberOf = (connectionId: string): string =>
  createHash('sha256').update(connectionId).digest('base64url').slice(0, MEMBER_LENGTH);
