import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { type Item, S } from '../../shared/store/attributes.ts';
import { CONNECTION_RECORD, SUBSCRIPTIONS } from '../../shared/store/schema.ts';
import { keyOf } from '../../shared/store/subscription-record.ts';
import type { Backend } from '../backend.ts';
import type { GivenUpCatchUp } from './failure.ts';

/**
 * What became of a catch-up that was asked for again. `asked`: its record is stamped anew, so the catch-up Lambda makes it again.
 * `superseded`: the client has asked again itself since. `gone`: there is no such subscription any more.
 */
export type AskedAgain = 'asked' | 'superseded' | 'gone';

/**
 * Stamps the record that asked for a catch-up anew, as a subscribe does, unless it changed since: its change record makes the
 * catch-up again, from the position that the record still has.
 */
export async function catchUpAgain(
  backend: Backend,
  catchUp: GivenUpCatchUp,
  newRequestId: string,
): Promise<AskedAgain> {
  const record = stampOf(backend, catchUp, newRequestId);
  // A ping's record is in no list.
  const isDone = catchUp.topic !== undefined && (await stampBoth(backend, record, listedOf(record, catchUp)));
  return isDone ? 'asked' : stampAlone(backend, record);
}

type Stamp = Required<
  Pick<
    UpdateItemCommandInput,
    'TableName' | 'Key' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
  >
> & { readonly UpdateExpression: string };

const stampOf = ({ stack }: Backend, catchUp: GivenUpCatchUp, newRequestId: string): Stamp => ({
  TableName: stack.resources.subscriptionsTable,
  Key: keyOf({ ...catchUp, connectedAt: 0 }, catchUp.sortKey),
  UpdateExpression: 'SET #request = :new',
  ConditionExpression: '#request = :old',
  ExpressionAttributeNames: { '#request': SUBSCRIPTIONS.request },
  ExpressionAttributeValues: { ':old': S(catchUp.requestId), ':new': S(newRequestId) },
});

/** The same in the connection's list: an unsubscribe takes a topic off it by the stamp that both have. */
const listedOf = (record: Stamp, catchUp: GivenUpCatchUp): Stamp => ({
  ...record,
  Key: keyOf({ ...catchUp, connectedAt: 0 }, CONNECTION_RECORD),
  UpdateExpression: 'SET topics.#topic = :new',
  ConditionExpression: 'topics.#topic = :old',
  ExpressionAttributeNames: { '#topic': catchUp.sortKey },
});

async function stampBoth({ dynamodb }: Backend, record: Stamp, listed: Stamp): Promise<boolean> {
  try {
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Update: record }, { Update: listed }] }));
    return true;
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    // One of the two is not as it was; the record alone tells what became of it.
    return false;
  }
}

async function stampAlone({ dynamodb }: Backend, stamp: Stamp): Promise<AskedAgain> {
  try {
    await dynamodb.send(new UpdateItemCommand({ ...stamp, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }));
    return 'asked';
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const found: Item | undefined = error.Item;
    return found?.[SUBSCRIPTIONS.request] === undefined ? 'gone' : 'superseded';
  }
}
