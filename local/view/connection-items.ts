import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { TableModel } from '../model.ts';
import { VIEW } from './bounds.ts';

/** The items that an application keeps of a connection, in one of its tables. */
export interface ConnectionItems {
  readonly table: string;
  /** The sort keys of the items. Where the table has none, the number of items is all there is to say. */
  readonly keys: readonly string[];
}

/** Returns the items of a connection. */
export type FindItems = (connectionId: string) => Promise<readonly ConnectionItems[]>;

/** The name of a key by which an application finds what it knows of a connection. */
const CONNECTION_KEY = /^connection_?id$|^connection$/i;

/**
 * Returns a search for what the application keeps of a connection, such as its subscriptions: in each table whose
 * partition key is named like the id of a connection. The runtime knows no application, so it looks nowhere else.
 */
export function connectionItems(tables: readonly TableModel[], dynamodb: Pick<DynamoDBClient, 'send'>): FindItems {
  const found = tables.flatMap((table) => {
    const key = table.definition.keys.find(({ type }) => type === 'HASH');
    return key !== undefined && CONNECTION_KEY.test(key.name) ? [{ table, key: key.name }] : [];
  });
  return async (connectionId) =>
    await Promise.all(
      found.map(async ({ table, key }) => {
        const sortKey = table.definition.keys.find(({ type }) => type === 'RANGE')?.name;
        const { Items = [] } = await dynamodb.send(new QueryCommand(queryOf({ table: table.name, key, connectionId })));
        return { table: table.logicalId, keys: Items.map((item) => textOf(item[sortKey ?? key])) };
      }),
    );
}

interface Wanted {
  readonly table: string;
  readonly key: string;
  readonly connectionId: string;
}

const queryOf = ({ table, key, connectionId }: Wanted): QueryCommandInput => ({
  TableName: table,
  KeyConditionExpression: '#key = :id',
  ExpressionAttributeNames: { '#key': key },
  ExpressionAttributeValues: { ':id': { S: connectionId } },
  Limit: VIEW.items,
});

/** Returns the text of an attribute value such as `{"S":"news"}`. */
function textOf(value: unknown): string {
  const [text] = Object.values(Object(value));
  return String(text);
}
