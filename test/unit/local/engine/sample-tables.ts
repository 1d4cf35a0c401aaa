import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

import type { TableModel } from '../../../../local/model.ts';

/** Returns a client of an engine on this machine, with arbitrary credentials. */
export function clientFor(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
}

/** A table with one key and a stream. */
export const TOPICS: TableModel = {
  logicalId: 'Topics',
  name: 'Sample-Topics',
  arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Sample-Topics',
  definition: { attributes: [{ name: 'topic', type: 'S' }], keys: [{ name: 'topic', type: 'HASH' }], indexes: [] },
  streamViewType: 'NEW_IMAGE',
};

/** A table with two keys, an index and expiry. */
export const SUBSCRIPTIONS: TableModel = {
  logicalId: 'Subscriptions',
  name: 'Sample-Subscriptions',
  arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Sample-Subscriptions',
  definition: {
    attributes: [
      { name: 'connectionId', type: 'S' },
      { name: 'topic', type: 'S' },
    ],
    keys: [
      { name: 'connectionId', type: 'HASH' },
      { name: 'topic', type: 'RANGE' },
    ],
    indexes: [
      {
        name: 'byTopic',
        keys: [
          { name: 'topic', type: 'HASH' },
          { name: 'connectionId', type: 'RANGE' },
        ],
        projection: 'INCLUDE',
        nonKeyAttributes: ['flags'],
      },
    ],
  },
  streamViewType: 'NEW_AND_OLD_IMAGES',
  ttlAttribute: 'expiresAt',
};
