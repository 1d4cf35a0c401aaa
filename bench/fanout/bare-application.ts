import type { SmallApplication } from '../assembly/write-assembly.ts';

/** The names of the bare pipeline's tables. */
export const BARE_TABLES = { topics: 'BareTopics', subscriptions: 'BareSubscriptions' } as const;

/**
 * The application of the bare pipeline: the two tables that a message passes, like ours, and a WebSocket API without
 * routes. Everything else is one process.
 */
export const BARE_APPLICATION: SmallApplication = {
  name: 'Bare',
  functions: [],
  tables: {
    Topics: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: BARE_TABLES.topics,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'topic', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'topic', KeyType: 'HASH' }],
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      },
    },
    Subscriptions: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: BARE_TABLES.subscriptions,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['connectionId', 'topic', 'topicShard'].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        KeySchema: [
          { AttributeName: 'connectionId', KeyType: 'HASH' },
          { AttributeName: 'topic', KeyType: 'RANGE' },
        ],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'byTopic',
            KeySchema: [
              { AttributeName: 'topicShard', KeyType: 'HASH' },
              { AttributeName: 'connectionId', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
      },
    },
  },
};
