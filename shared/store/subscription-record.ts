import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Position } from '../protocol/position.ts';
import { decodeItem, encodeItem, type Item, type Values } from './attributes.ts';
import { type ConnectionRef, recordOf } from './connection-record.ts';
import { text, wholeNumber } from './item-schema.ts';
import { BY_TOPIC, PING_RECORD, REFUSED_RECORD, SUBSCRIPTIONS, topicShard } from './schema.ts';

/** A connection that sent a frame. */
export interface Sender extends ConnectionRef {
  /**
   * Time in epoch milliseconds at which API Gateway received the frame; 0 where it is not known. API Gateway keeps no
   * order between the frames of a connection, so the later frame wins by this time, whichever is handled last.
   */
  readonly receivedAt?: number | undefined;
  /** Time in epoch milliseconds at which the connection's token ends. Absent: never. */
  readonly tokenEnd?: number | undefined;
  /** The subject of the connection's token. Absent in a stack that does not authenticate. */
  readonly subject?: string | undefined;
  /** The public profile of the subject, as JSON. Absent: none. */
  readonly profile?: string | undefined;
  /** The version of the subject's revocations at the handshake. */
  readonly seen?: number | undefined;
}

/** A subscription as a client asks for it. */
export interface NewSubscription {
  /** The topic's name, or a wildcard. */
  readonly topic: string;
  /** The shard in which the index lists it. Default: 0, which every topic has. */
  readonly shard?: number | undefined;
  /** The position after which every message is wanted. */
  readonly position?: Position | undefined;
  /** The number of newest messages that are wanted. */
  readonly history?: number | undefined;
  /** Whether several frames may come in one. */
  readonly batch?: true | undefined;
  /** Whether the connection watches who is subscribed to the topic. */
  readonly presence?: true | undefined;
  /** The positions in topics under a wildcard, after which every message is wanted. */
  readonly positions?: Positions | undefined;
  /** Whether a broadcast may not have seen the root of a wildcard yet, so that the answer has to wait. */
  readonly isUnsettled?: boolean | undefined;
}

/** Positions by topic. */
export type Positions = Readonly<Record<string, Position>>;

/** The identity of a connection, in each of its records. */
export const CONNECTION = { connectionId: text, connectedAt: wholeNumber } as const;

/** The sort key of each record of a connection. */
export const SORT_KEY = { [SUBSCRIPTIONS.sortKey]: text } as const;

/** Decodes the sort key of a record of the Subscriptions table: a topic, or the name of another record. */
export const sortKeyOf = (item: Item): string => decodeItem(SORT_KEY, item)[SUBSCRIPTIONS.sortKey];

/** Encodes the record of one subscription. */
export const subscriptionItem = (
  connection: ConnectionRef,
  subscription: NewSubscription,
  requestId: string,
): Record<string, AttributeValue> => encodeItem(subscriptionValues(connection, subscription, requestId));

/** Returns the record of one subscription as plain values. */
export function subscriptionValues(connection: Sender, subscription: NewSubscription, requestId: string): Values {
  const { topic, shard = 0, position: after, positions, history, batch, presence, isUnsettled } = subscription;
  return {
    ...recordOf(connection, topic),
    [BY_TOPIC.partitionKey]: topicShard(topic, shard),
    [SUBSCRIPTIONS.request]: requestId,
    [SUBSCRIPTIONS.receivedAt]: connection.receivedAt ?? 0,
    [SUBSCRIPTIONS.tokenEnd]: connection.tokenEnd,
    [SUBSCRIPTIONS.subject]: connection.subject,
    [SUBSCRIPTIONS.profile]: connection.profile,
    position: after === undefined ? undefined : positionValue(after),
    positions: positions === undefined ? undefined : positionValues(positions),
    history,
    batch,
    presence,
    unsettled: isUnsettled === true || undefined,
  };
}

/** Encodes the record in which a connection's ping leaves its positions. */
export function pingItem(connection: Sender, positions: Positions, requestId: string): Record<string, AttributeValue> {
  return encodeItem({
    ...recordOf(connection, PING_RECORD),
    [SUBSCRIPTIONS.request]: requestId,
    [SUBSCRIPTIONS.receivedAt]: connection.receivedAt ?? 0,
    [SUBSCRIPTIONS.tokenEnd]: connection.tokenEnd,
    positions: positionValues(positions),
  });
}

/** Returns the record by which a connection is told which topics of its handshake were refused, as plain values. */
export const refusalValues = (connection: Sender, refused: readonly string[], requestId: string): Values => ({
  ...recordOf(connection, REFUSED_RECORD),
  [SUBSCRIPTIONS.request]: requestId,
  refused: [...refused],
});

/** Encodes the key of one of a connection's records. */
export const keyOf = (connectionId: string, sortKey: string): Record<string, AttributeValue> =>
  encodeItem({ [SUBSCRIPTIONS.partitionKey]: connectionId, [SUBSCRIPTIONS.sortKey]: sortKey });

const positionValues = (positions: Positions): Values[string] =>
  new Map(Object.entries(positions).map(([topic, each]) => [topic, positionValue(each)] as const));

/** Returns a position as it is stored: without `epoch` where it has none. */
export const positionValue = ({ epoch, seq }: Position) => ({ seq, ...(epoch === null ? {} : { epoch }) });
