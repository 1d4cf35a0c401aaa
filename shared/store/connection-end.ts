import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { encodeItem } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { END_CODE, END_RECORD, type EndCode, SUBSCRIPTIONS } from './schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import { type ConnectionRef, recordOf } from './connection-record.ts';

/** The dependencies of recording that connections are to end. */
export interface ConnectionEndDeps extends SubscriberStoreDeps {
  /** Returns a stamp, new each time. */
  readonly newStamp: () => string;
}

/**
 * Records that a connection is to end, since its token has ended. The change record makes the catch-up Lambda tell the
 * client, close the connection and delete its records, this one included.
 */
export async function noteEnd(
  { client, table, newStamp }: ConnectionEndDeps,
  connection: ConnectionRef,
): Promise<void> {
  const Item = encodeItem({ ...recordOf(connection, END_RECORD), [SUBSCRIPTIONS.request]: newStamp() });
  await client.send(new PutItemCommand({ TableName: table, Item }));
}

/**
 * Records that a connection is to end, since it floods, for the same Lambda. Resolves to whether this call did: not if
 * another Lambda has within `FLOOD_MS`, or if the connection is to end for another reason. An older record of a
 * connection that floods still is replaced: what was to close the connection has failed.
 */
export async function noteFlood(
  { client, table, newStamp }: ConnectionEndDeps,
  connection: ConnectionRef,
  nowMs: number,
): Promise<boolean> {
  const Item = encodeItem({
    ...recordOf(connection, END_RECORD),
    [SUBSCRIPTIONS.request]: newStamp(),
    [SUBSCRIPTIONS.receivedAt]: nowMs,
    [END_CODE]: 'rate-limited' satisfies EndCode,
  });
  const condition = {
    ConditionExpression: 'attribute_not_exists(#connection) OR #at <= :stale',
    ExpressionAttributeNames: { '#connection': SUBSCRIPTIONS.partitionKey, '#at': SUBSCRIPTIONS.receivedAt },
    ExpressionAttributeValues: encodeItem({ ':stale': nowMs - STORE_BOUNDS.FLOOD_MS }),
  };
  try {
    await client.send(new PutItemCommand({ TableName: table, Item, ...condition }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
