import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { ClientError } from '../errors.ts';
import { LIMITS } from '../protocol/limits.ts';
import { encodeItem } from './attributes.ts';
import { decodeDetails } from './member-details.ts';
import { SUBSCRIPTIONS } from './schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import { keyOf, type Sender } from './subscription-record.ts';

/** The state of a member that a client sets. */
export interface NewState {
  readonly topic: string;
  /** The state as JSON; undefined ends it. */
  readonly state: string | undefined;
}

/**
 * Records the state of a member in the record of its subscription, by one write, with which the state ends, too. Its
 * change record makes the presence Lambda send it to the watchers. A frame that API Gateway received before the one
 * that wrote the record changes nothing. Throws `not-subscribed`; `rate-limited` less than MEMBER_STATE_MS after the
 * last state of this connection in the topic.
 */
export async function setState(
  { client, table }: SubscriberStoreDeps,
  sender: Sender,
  { topic, state }: NewState,
): Promise<void> {
  const { connectionId, receivedAt = 0 } = sender;
  const update = new UpdateItemCommand({
    TableName: table,
    Key: keyOf(connectionId, topic),
    UpdateExpression: `SET #statedAt = :now${state === undefined ? ' REMOVE #state' : ', #state = :state'}`,
    ConditionExpression: 'attribute_exists(#id) AND (attribute_not_exists(#statedAt) OR #statedAt <= :before)',
    ExpressionAttributeNames: {
      '#id': SUBSCRIPTIONS.partitionKey,
      '#statedAt': SUBSCRIPTIONS.statedAt,
      '#state': SUBSCRIPTIONS.state,
    },
    ExpressionAttributeValues: encodeItem({
      ':now': receivedAt,
      ':before': receivedAt - LIMITS.MEMBER_STATE_MS,
      ':state': state,
    }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    await client.send(update);
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
    refuseUnlessLate(cause, receivedAt);
  }
}

/** Throws the reason for which a state was not written; not for a frame that a later one has overtaken. */
function refuseUnlessLate(cause: ConditionalCheckFailedException, receivedAt: number): void {
  const { Item: subscription } = cause;
  if (subscription === undefined) {
    throw new ClientError('not-subscribed', 'Subscribe to the topic before you set a state in it.', { cause });
  }
  const { statedAt = 0 } = decodeDetails(subscription);
  if (statedAt > receivedAt) return;
  const retryAfterMs = statedAt + LIMITS.MEMBER_STATE_MS - receivedAt;
  throw new ClientError('rate-limited', `A state is set at most once in ${LIMITS.MEMBER_STATE_MS} ms.`, {
    retryAfterMs,
    cause,
  });
}
