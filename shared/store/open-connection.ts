import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ClientError } from '../errors.ts';
import type { FirstTopic } from '../protocol/connect-query.ts';
import { encodeItem } from './attributes.ts';
import { batchWrite } from './batch-write.ts';
import { placeOf, type PlaceDeps } from './subscription-place.ts';
import { refusalValues, type Sender, subscriptionValues } from './subscription-record.ts';
import { newList } from './topic-list.ts';

/** The dependencies of recording a new connection. */
export interface OpenConnectionDeps extends PlaceDeps {
  readonly client: DynamoDBClient;
  /** The Subscriptions table. */
  readonly table: string;
  /** Returns an id unique to the request. */
  readonly requestId: () => string;
}

/** The topics that a connection asks for in its handshake. */
export interface FirstTopics {
  readonly topics: readonly FirstTopic[];
  /** Whether several frames may come in one. */
  readonly batch?: true | undefined;
  /** The topics that the connection's token does not permit. Default: none. */
  readonly refused?: readonly string[];
}

/**
 * Records a connection: its list of topics, a subscription for each, and what was refused. Throws `unavailable` if
 * DynamoDB did not take all records; they have no effect then, since the handshake fails.
 */
export async function openConnection(
  deps: OpenConnectionDeps,
  connection: Sender,
  { topics: first, batch, refused = [] }: FirstTopics,
): Promise<void> {
  const listed = await Promise.all(
    first.map(async ({ topic, position }) => {
      const requestId = deps.requestId();
      return { subscription: { topic, position, batch, ...(await placeOf(deps, connection, topic)) }, requestId };
    }),
  );
  const entries = listed.map(({ subscription: { topic }, requestId }) => ({ topic, requestId }));
  const records = [
    newList(connection, entries),
    ...listed.map(({ subscription, requestId }) => subscriptionValues(connection, subscription, requestId)),
    ...(refused.length === 0 ? [] : [refusalValues(connection, refused, deps.requestId())]),
  ];
  const requests = records.map((record) => ({ PutRequest: { Item: encodeItem(record) } }));
  const left = await batchWrite(deps.client, deps.table, requests);
  if (left.length > 0) throw new ClientError('unavailable', 'The connection could not be recorded. Try again.');
}
