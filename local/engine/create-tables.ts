import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

import { RuntimeSetupError, type TableModel } from '../model.ts';
import { ENGINE_VIEW_TYPE } from './engine.ts';
import { differenceOf } from './table-difference.ts';

/** Deadline in seconds for a new table, 30. Engines on one machine create a table immediately. */
const CREATION_MAXIMUM_SECONDS = 30;

/**
 * Creates the tables of the template. Throws RuntimeSetupError if a kept table has another definition. TTL is left off
 * on purpose: engines either never expire items or give their deletions a record that no client can read, so the
 * sweeper deletes expired items.
 */
export async function createTables(tables: readonly TableModel[], client: DynamoDBClient): Promise<void> {
  for (const table of tables) {
    const existing = await findTable(table.name, client);
    if (existing === undefined) await createTable(table, client);
    if (existing !== undefined) refuseDifferent(table, existing);
  }
}

async function findTable(name: string, client: DynamoDBClient): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function refuseDifferent(table: TableModel, existing: TableDescription): void {
  const difference = differenceOf(table, existing);
  if (difference === undefined) return;
  throw new RuntimeSetupError(
    `the kept table ${table.name} does not match the template (${difference}): ` +
      'choose another directory with --data, or remove the old one to start again',
  );
}

async function createTable(table: TableModel, client: DynamoDBClient): Promise<void> {
  const { attributes, keys, indexes } = table.definition;
  await client.send(
    new CreateTableCommand({
      TableName: table.name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
      KeySchema: keySchema(keys),
      ...indexesInput(indexes),
      ...(table.streamViewType === undefined
        ? {}
        : { StreamSpecification: { StreamEnabled: true, StreamViewType: ENGINE_VIEW_TYPE } }),
    }),
  );
  const patience = { client, maxWaitTime: CREATION_MAXIMUM_SECONDS, minDelay: 1, maxDelay: 1 };
  await waitUntilTableExists(patience, { TableName: table.name });
}

function indexesInput(indexes: TableModel['definition']['indexes']) {
  const [local, global] = [indexes.filter(({ isLocal }) => isLocal), indexes.filter(({ isLocal }) => isLocal !== true)];
  return {
    ...(global.length === 0 ? {} : { GlobalSecondaryIndexes: global.map(indexInput) }),
    ...(local.length === 0 ? {} : { LocalSecondaryIndexes: local.map(indexInput) }),
  };
}

function indexInput({ name, keys, projection, nonKeyAttributes }: TableModel['definition']['indexes'][number]) {
  return {
    IndexName: name,
    KeySchema: keySchema(keys),
    Projection: {
      ProjectionType: projection,
      ...(projection === 'INCLUDE' ? { NonKeyAttributes: [...nonKeyAttributes] } : {}),
    },
  };
}

function keySchema(keys: TableModel['definition']['keys']) {
  return keys.map(({ name, type }) => ({ AttributeName: name, KeyType: type }));
}
