import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { encodeItem } from './attributes.ts';
import { END_RECORD, SUBSCRIPTIONS } from './schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import { type ConnectionRef, recordOf } from './subscription-record.ts';

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
