import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { encodeItem } from './attributes.ts';
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
