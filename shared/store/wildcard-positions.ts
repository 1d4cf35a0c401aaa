import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { decodeItem } from './attributes.ts';
import { position } from './history-request.ts';
import { mapOf } from './item-schema.ts';
import type { SubscriberStoreDeps } from './subscribers.ts';
import type { ConnectionRef } from './connection-record.ts';
import { keyOf, type Positions } from './subscription-record.ts';

const NAMED = { positions: mapOf(position) } as const;

/** Reads the positions that the newest `subscribe` to a wildcard named, strongly consistent. */
export async function findWildcardPositions(
  { client, table }: SubscriberStoreDeps,
  { connectionId }: ConnectionRef,
  wildcard: string,
): Promise<Positions> {
  const { Item: record = {} } = await client.send(
    new GetItemCommand({
      TableName: table,
      Key: keyOf(connectionId, wildcard),
      ConsistentRead: true,
      ProjectionExpression: '#positions',
      ExpressionAttributeNames: { '#positions': 'positions' },
    }),
  );
  return Object.fromEntries(decodeItem(NAMED, record).positions);
}
