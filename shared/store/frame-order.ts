import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { backOff, type Waiting } from '../backoff.ts';
import { encodeItem, type Item } from './attributes.ts';
import { SUBSCRIPTIONS } from './schema.ts';
import type { Sender } from './subscription-record.ts';

/** The condition that no frame which API Gateway received later has written the record already. */
export const NOT_SUPERSEDED = 'attribute_not_exists(#receivedAt) OR #receivedAt <= :receivedAt';

/** Returns the condition with its names and values, for a write that has no others. */
export const notSuperseded = ({ receivedAt = 0 }: Sender) => ({
  ConditionExpression: NOT_SUPERSEDED,
  ExpressionAttributeNames: { '#receivedAt': SUBSCRIPTIONS.receivedAt },
  ExpressionAttributeValues: encodeItem({ ':receivedAt': receivedAt }),
});

/** Resolves to undefined for a conditional write that a later one has superseded: the record is right as it is. */
export async function unlessSuperseded<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/** Number of times that a delete looks for a record that an earlier frame is about to write. */
const DELETE_ATTEMPTS = 4;

/**
 * Deletes a record, again until the delete has met the write of the earlier frame which is known to be between its
 * writes, a bounded number of times: that frame may have failed there. Resolves to the deleted records. Ends when a
 * later frame has written the record.
 */
export async function deleteWritten(
  remove: () => Promise<Item | undefined>,
  isIt: (removed: Item | undefined) => boolean,
  waiting: Waiting,
): Promise<readonly Item[]> {
  const removed: Item[] = [];
  for (let attempt = 1; ; attempt++) {
    const done = await unlessSuperseded(remove().then((item) => ({ item })));
    if (done?.item !== undefined) removed.push(done.item);
    if (done === undefined || isIt(done.item) || attempt >= DELETE_ATTEMPTS) return removed;
    await backOff(attempt, { baseMs: 50, capMs: 200 }, waiting);
  }
}
