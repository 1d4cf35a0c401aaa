import { join } from 'node:path';
import { CALLBACK_URL, type SmallApplication } from '../assembly/write-assembly.ts';

const TABLE = 'BlocksConnections';
/** The index by which a message finds the connections of its channel. */
const BY_CHANNEL = 'byChannel';

/**
 * Returns an application of the design of AWS Blocks: a table of connections with an index by channel, and a function
 * that queries it and posts to all at once, before the request's answer. The functions have as much memory as ours.
 */
export function blocksApplication(): SmallApplication {
  const environment = { TABLE_NAME: TABLE, BY_CHANNEL, CALLBACK_URL };
  const of = (logicalId: string, routeKey: string, memoryMb: number) => ({
    logicalId,
    file: join(import.meta.dirname, 'handlers.ts'),
    routeKey,
    environment: { ...environment, ROUTE: routeKey },
    memoryMb,
  });
  return {
    name: 'Blocks',
    tables: { Connections: CONNECTIONS },
    functions: [of('Connect', '$connect', 512), of('Disconnect', '$disconnect', 512), of('Send', 'sendmessage', 1_769)],
  };
}

const CONNECTIONS = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: TABLE,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['connectionId', 'channel'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [{ AttributeName: 'connectionId', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: BY_CHANNEL,
        KeySchema: [
          { AttributeName: 'channel', KeyType: 'HASH' },
          { AttributeName: 'connectionId', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  },
} as const;
