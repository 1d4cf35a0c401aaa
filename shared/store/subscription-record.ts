import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { BadRecordError } from '../errors.ts';
import type { Position } from '../protocol/position.ts';
import { findCount, findText, getCount, getText, type Item, N, S } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { BY_TOPIC, PING_RECORD, SUBSCRIPTIONS, topicShard } from './schema.ts';

/** A connection as API Gateway names it. */
export interface Connection {
  readonly connectionId: string;
  /** Epoch milliseconds. */
  readonly connectedAt: number;
}

export interface NewSubscription {
  readonly topic: string;
  /** Where the index shows it; shard 0 unless said, which every topic has. */
  readonly shard?: number | undefined;
  /** Everything after this is wanted. */
  readonly position?: Position | undefined;
  /** The last so many messages are wanted. */
  readonly history?: number | undefined;
  /** Several frames may come in one. */
  readonly batch?: true | undefined;
  /** The connection watches who is at the topic. */
  readonly presence?: true | undefined;
}

/** By topic. */
export type Positions = Readonly<Record<string, Position>>;

/** What a change record of the Subscriptions table asks for. */
export type CatchUpRequest =
  | (Connection & NewSubscription & { readonly kind: 'subscription' })
  | (Connection & { readonly kind: 'ping'; readonly positions: Positions });

type WritableItem = Record<string, AttributeValue>;

/** The record of one subscription. */
export function subscriptionItem(
  connection: Connection,
  subscription: NewSubscription,
  requestId: string,
): WritableItem {
  const { topic, shard = 0, position, history, batch, presence } = subscription;
  return {
    ...recordOf(connection, topic),
    [BY_TOPIC.partitionKey]: S(topicShard(topic, shard)),
    [SUBSCRIPTIONS.request]: S(requestId),
    ...(position === undefined ? {} : { position: positionAttribute(position) }),
    ...(history === undefined ? {} : { history: N(history) }),
    ...(batch === undefined ? {} : { batch: { BOOL: true } }),
    ...(presence === undefined ? {} : { presence: { BOOL: true } }),
  };
}

/** Attributes that a subscription's record may lack. */
export const OPTIONAL_OF_SUBSCRIPTION = ['position', 'history', 'batch'] as const;

/** The record on which a connection's ping leaves its positions. */
export function pingItem(connection: Connection, positions: Positions, requestId: string): WritableItem {
  const entries = Object.entries(positions).map(([topic, position]) => [topic, positionAttribute(position)] as const);
  return {
    ...recordOf(connection, PING_RECORD),
    [SUBSCRIPTIONS.request]: S(requestId),
    positions: { M: Object.fromEntries(entries) },
  };
}

/** The key of one of a connection's records. */
export const keyOf = ({ connectionId }: Connection, topic: string) => ({
  [SUBSCRIPTIONS.partitionKey]: S(connectionId),
  [SUBSCRIPTIONS.sortKey]: S(topic),
});

/** What every record of a connection has. */
export const recordOf = (connection: Connection, topic: string) => ({
  ...keyOf(connection, topic),
  connectedAt: N(connection.connectedAt),
  expiresAt: N(Math.floor(connection.connectedAt / 1_000) + STORE_BOUNDS.CONNECTION_SECONDS),
});

/**
 * What the record asks for; undefined for a record that asks for nothing (a connection's list). Throws BadRecordError.
 */
export function decodeCatchUpRequest(item: Item): CatchUpRequest | undefined {
  if (item[SUBSCRIPTIONS.request] === undefined) return undefined;
  const connection = { connectionId: getText(item, 'connectionId'), connectedAt: getCount(item, 'connectedAt') };
  const topic = getText(item, SUBSCRIPTIONS.sortKey);
  if (topic === PING_RECORD) return { ...connection, kind: 'ping', positions: decodePositions(item) };
  const position = item['position'] === undefined ? undefined : decodePosition(item['position']);
  const shard = decodeShard(getText(item, BY_TOPIC.partitionKey));
  return { ...connection, kind: 'subscription', topic, shard, position, history: findCount(item, 'history') };
}

function decodeShard(place: string): number {
  const shard = Number(place.slice(place.lastIndexOf('#') + 1));
  if (!Number.isSafeInteger(shard) || shard < 0) throw new BadRecordError('the subscription is in no shard');
  return shard;
}

const positionAttribute = ({ epoch, seq }: Position): AttributeValue => ({
  M: { seq: N(seq), ...(epoch === null ? {} : { epoch: S(epoch) }) },
});

function decodePosition(attribute: AttributeValue): Position {
  if (attribute.M === undefined) throw new BadRecordError('a position is not a map');
  return { epoch: findText(attribute.M, 'epoch') ?? null, seq: getCount(attribute.M, 'seq') };
}

function decodePositions(item: Item): Positions {
  const entries = Object.entries(item['positions']?.M ?? {});
  return Object.fromEntries(entries.map(([topic, position]) => [topic, decodePosition(position)]));
}
