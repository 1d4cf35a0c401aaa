import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { ClientError } from '../errors.ts';
import type { Position } from '../protocol/position.ts';
import { decodeItem, encodeItem, type Item } from './attributes.ts';
import { lenient, mapWith, optional, type Schema, text, wholeNumber } from './item-schema.ts';
import { HISTORY_REQUEST, SUBSCRIPTIONS } from './schema.ts';
import type { ConnectionRef } from './connection-record.ts';
import { CONNECTION, keyOf, positionValue, SORT_KEY } from './subscription-record.ts';

/** A request for older messages of a topic: the last `count` ones before a position. */
export interface HistoryRange {
  readonly topic: string;
  readonly before: Position;
  readonly count: number;
  /** The id of the client's frame, which the answer repeats. */
  readonly id?: string | undefined;
}

/** A request for older messages, with the connection that made it. */
export type HistoryRequest = ConnectionRef &
  HistoryRange & { readonly kind: 'history'; readonly tokenEnd?: number | undefined };

/** The dependencies of a request for older messages. */
export interface HistoryStoreDeps {
  readonly client: DynamoDBClient;
  /** The Subscriptions table. */
  readonly table: string;
  /** Returns an id unique to the request: it makes each write a change. */
  readonly requestId: () => string;
}

const storedPosition = mapWith({ epoch: optional(text), seq: wholeNumber });

/** The schema of a position in a record; one without an epoch is before the first publish. */
export const position: Schema<Position> = (value, attribute) => {
  const { epoch = null, seq } = storedPosition(value, attribute);
  return { epoch, seq };
};

const SUBSCRIPTION = {
  ...CONNECTION,
  ...SORT_KEY,
  [SUBSCRIPTIONS.tokenEnd]: optional(wholeNumber),
  [HISTORY_REQUEST]: mapWith({ id: optional(text), before: position, count: wholeNumber }),
} as const;

const STAMP = { [HISTORY_REQUEST]: lenient(mapWith({ stamp: text })) } as const;

/**
 * Leaves the request in the record of the subscription: one write, which changes nothing else. Its change record makes
 * the catch-up Lambda answer. A subscription holds one request, so a connection has at most one for each of its topics.
 * Throws `not-subscribed`.
 */
export async function requestHistory(
  deps: HistoryStoreDeps,
  { connectionId }: ConnectionRef,
  { topic, ...range }: HistoryRange,
): Promise<void> {
  const request = { ...range, before: positionValue(range.before), stamp: deps.requestId() };
  const update = new UpdateItemCommand({
    TableName: deps.table,
    Key: keyOf(connectionId, topic),
    UpdateExpression: 'SET #historyRequest = :request',
    ConditionExpression: 'attribute_exists(#connectionId)',
    ExpressionAttributeNames: { '#historyRequest': HISTORY_REQUEST, '#connectionId': SUBSCRIPTIONS.partitionKey },
    ExpressionAttributeValues: encodeItem({ ':request': request }),
  });
  try {
    await deps.client.send(update);
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
    throw new ClientError('not-subscribed', 'Subscribe to the topic before you ask for its history.', { cause });
  }
}

/** Whether a change of a subscription's record is a new request for older messages. */
export function isHistoryRequest(image: Item, before: Item | undefined): boolean {
  const [stamp, earlier] = [image, before ?? {}].map((item) => decodeItem(STAMP, item)[HISTORY_REQUEST]?.stamp);
  return stamp !== undefined && stamp !== earlier;
}

/** Decodes the request for older messages in the record of a subscription. Throws BadRecordError. */
export function decodeHistoryRequest(image: Item): HistoryRequest {
  const { historyRequest, ...subscription } = decodeItem(SUBSCRIPTION, image);
  const { id, before, count } = historyRequest;
  return { ...subscription, kind: 'history', before, count, ...(id === undefined ? {} : { id }) };
}
