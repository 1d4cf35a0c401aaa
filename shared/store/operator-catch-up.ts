import {
  ConditionalCheckFailedException,
  GetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { isSubscribable } from '../protocol/wildcard.ts';
import { decodeItem, encodeItem, type Item } from './attributes.ts';
import { lenient, text } from './item-schema.ts';
import { CONNECTION_RECORD, SUBSCRIPTIONS } from './schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import { keyOf } from './subscription-record.ts';

/** The stamp of a request for a catch-up: the record that asked, and the id of its request. */
export interface CatchUpStamp {
  readonly connectionId: string;
  /** The sort key of the record that asked: a topic, or the record of a ping. */
  readonly sortKey: string;
  /** The id of the request. A newer one in the record means that the client has asked again. */
  readonly requestId: string;
}

/**
 * The result of asking for a catch-up again. `asked`: its record has a new stamp, so the catch-up Lambda repeats it.
 * `superseded`: the client has asked again itself. `gone`: the subscription no longer exists.
 */
export type CatchUpRepeat = 'asked' | 'superseded' | 'gone';

const STAMP = {
  [SUBSCRIPTIONS.partitionKey]: lenient(text),
  [SUBSCRIPTIONS.sortKey]: lenient(text),
  [SUBSCRIPTIONS.request]: lenient(text),
} as const;

/** Decodes the stamp of a record; undefined when the record asks for no catch-up, or is malformed. */
export function findStamp(image: Item): CatchUpStamp | undefined {
  const { connectionId, topic: sortKey, request: requestId } = decodeItem(STAMP, image);
  if (connectionId === undefined || sortKey === undefined || requestId === undefined) return undefined;
  return { connectionId, sortKey, requestId };
}

/**
 * Gives the record that asked for a catch-up a new stamp, as a subscribe does, unless it has changed since. Its change
 * record repeats the catch-up, from the position that the record still has.
 */
export async function repeatCatchUp(
  deps: SubscriberStoreDeps,
  stamp: CatchUpStamp,
  newRequestId: string,
): Promise<CatchUpRepeat> {
  const record = restamp(deps, stamp, newRequestId);
  // Only subscriptions are in the connection's list; the record of a ping is not.
  const isDone = isSubscribable(stamp.sortKey) && (await updateBoth(deps, record, listedIn(record, stamp)));
  return isDone ? 'asked' : updateRecord(deps, record);
}

/** Returns the result that `repeatCatchUp` would have now. Strongly consistent; changes nothing. */
export async function foreseeCatchUp(
  { client, table }: SubscriberStoreDeps,
  { connectionId, sortKey, requestId }: CatchUpStamp,
): Promise<CatchUpRepeat> {
  const { Item: record = {} } = await client.send(
    new GetItemCommand({ TableName: table, Key: keyOf(connectionId, sortKey), ConsistentRead: true }),
  );
  const request = record[SUBSCRIPTIONS.request]?.S;
  if (request === undefined) return 'gone';
  return request === requestId ? 'asked' : 'superseded';
}

type Restamp = Required<
  Pick<
    UpdateItemCommandInput,
    'TableName' | 'Key' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
  >
> & { readonly UpdateExpression: string };

const restamp = (
  { table }: SubscriberStoreDeps,
  { connectionId, sortKey, requestId }: CatchUpStamp,
  newRequestId: string,
): Restamp => ({
  TableName: table,
  Key: keyOf(connectionId, sortKey),
  UpdateExpression: 'SET #request = :new',
  ConditionExpression: '#request = :old',
  ExpressionAttributeNames: { '#request': SUBSCRIPTIONS.request },
  ExpressionAttributeValues: encodeItem({ ':old': requestId, ':new': newRequestId }),
});

/** Returns the update of the connection's list: an unsubscribe removes a topic from it by the stamp that both have. */
const listedIn = (record: Restamp, { connectionId, sortKey }: CatchUpStamp): Restamp => ({
  ...record,
  Key: keyOf(connectionId, CONNECTION_RECORD),
  UpdateExpression: 'SET topics.#topic = :new',
  ConditionExpression: 'topics.#topic = :old',
  ExpressionAttributeNames: { '#topic': sortKey },
});

async function updateBoth({ client }: SubscriberStoreDeps, record: Restamp, listed: Restamp): Promise<boolean> {
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Update: record }, { Update: listed }] }));
    return true;
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    // One of the two has changed. The update of the record alone shows what became of it.
    return false;
  }
}

async function updateRecord({ client }: SubscriberStoreDeps, record: Restamp): Promise<CatchUpRepeat> {
  try {
    await client.send(new UpdateItemCommand({ ...record, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }));
    return 'asked';
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return error.Item?.[SUBSCRIPTIONS.request] === undefined ? 'gone' : 'superseded';
  }
}
