import { join } from 'node:path';
import { CALLBACK_URL, type SmallApplication } from '../assembly/write-assembly.ts';

/** Returns the application that the classic tutorials deploy: a table of connections and three functions. */
export function tutorialApplication(posts: 'one-after-another' | 'all-at-once'): SmallApplication {
  const environment = { TABLE_NAME: { Ref: 'Connections' } };
  // The tutorials set no memory: the functions get as much as our own.
  const fileOf = (name: string) => join(import.meta.dirname, `${name}.ts`);
  return {
    name: 'Tutorial',
    tables: { Connections: CONNECTIONS },
    functions: [
      { logicalId: 'Connect', file: fileOf('connect'), routeKey: '$connect', environment, memoryMb: 512 },
      { logicalId: 'Disconnect', file: fileOf('disconnect'), routeKey: '$disconnect', environment, memoryMb: 512 },
      {
        logicalId: 'SendMessage',
        file: fileOf('send-message'),
        routeKey: 'sendmessage',
        environment: { ...environment, CALLBACK_URL, POSTS: posts },
        memoryMb: 1_769,
      },
    ],
  };
}

const CONNECTIONS = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'connectionId', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'connectionId', KeyType: 'HASH' }],
  },
} as const;
