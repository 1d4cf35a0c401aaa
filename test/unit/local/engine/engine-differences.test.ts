import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { createTables } from '../../../../local/engine/create-tables.ts';
import type { Engine } from '../../../../local/engine/engine.ts';
import { hasJava } from '../../../../local/engine/start-dynamodb-local.ts';
import { startEngine } from '../../../../local/engine/start-engine.ts';
import { readStream } from '../../../helpers/read-stream.ts';
import { clientFor, SUBSCRIPTIONS } from './sample-tables.ts';

const TableName = SUBSCRIPTIONS.name;
const KEY = { connectionId: { S: 'c' }, topic: { S: 'news' } };
const SILENT = { info: () => {}, warn: () => {}, lambdaLog: () => {} };
/** The text that stands for a refusal with a ValidationException. */
const REFUSED = 'ValidationException';

const numbers = (...values: (number | null)[]): AttributeValue => ({
  L: values.map((value) => (value === null ? { NULL: true } : { N: String(value) })),
});

/** Returns the list of an item after an update of `0, 1, 2, 3`. */
async function updatedList(client: DynamoDBClient, UpdateExpression: string): Promise<unknown> {
  await client.send(new PutItemCommand({ TableName, Item: { ...KEY, marks: numbers(0, 1, 2, 3) } }));
  const values = /:/.test(UpdateExpression) ? { ExpressionAttributeValues: { ':n': { N: '9' } } } : {};
  const update = { TableName, Key: KEY, UpdateExpression, ReturnValues: 'ALL_NEW', ...values } as const;
  return (await client.send(new UpdateItemCommand(update))).Attributes?.['marks'];
}

async function upserted(
  client: DynamoDBClient,
  ReturnValues: UpdateItemCommandInput['ReturnValues'],
): Promise<unknown> {
  await client.send(new DeleteItemCommand({ TableName, Key: KEY }));
  const values = { ':n': { N: '1' } };
  const update = {
    TableName,
    Key: KEY,
    UpdateExpression: 'SET score = :n',
    ExpressionAttributeValues: values,
    ReturnValues,
  };
  return (await client.send(new UpdateItemCommand(update))).Attributes;
}

/** Returns the items of a query of one partition, or the name of the error. */
async function queried(client: DynamoDBClient, more: Partial<QueryCommandInput>): Promise<unknown> {
  await client.send(new PutItemCommand({ TableName, Item: { ...KEY, extra: { S: 'o' } } }));
  const byKey = more.IndexName === undefined ? ['connectionId', 'c'] : ['topic', 'news'];
  const [name = '', value = ''] = byKey;
  const query = {
    TableName,
    KeyConditionExpression: '#k = :k',
    ...more,
    ExpressionAttributeNames: { '#k': name },
    ExpressionAttributeValues: { ':k': { S: value }, ...more.ExpressionAttributeValues },
  };
  return client.send(new QueryCommand(query)).then(
    ({ Items }) => Items,
    (error: unknown) => (error instanceof Error ? error.name : error),
  );
}

const INDEX = { IndexName: 'byTopic' };
const EXTRA = { ':o': { S: 'o' } };

/** A request, what DynamoDB does, and what dynoxide does where that is something else. */
type Row = [what: string, request: (client: DynamoDBClient) => Promise<unknown>, dynamodb: unknown, dynoxide?: unknown];

const ROWS: Row[] = [
  ['SET of two elements', (client) => updatedList(client, 'SET marks[0] = :n, marks[2] = :n'), numbers(9, 1, 9, 3)],
  [
    'SET of each by the other',
    (client) => updatedList(client, 'SET marks[0] = marks[1], marks[1] = marks[0]'),
    numbers(1, 0, 2, 3),
  ],
  [
    'REMOVE of two elements, the last first',
    (client) => updatedList(client, 'REMOVE marks[1], marks[0]'),
    numbers(2, 3),
  ],
  [
    'REMOVE of two elements',
    (client) => updatedList(client, 'REMOVE marks[0], marks[1]'),
    numbers(2, 3),
    numbers(1, 3),
  ],
  [
    'SET past the end',
    (client) => updatedList(client, 'SET marks[6] = :n'),
    numbers(0, 1, 2, 3, 9),
    numbers(0, 1, 2, 3, null, null, 9),
  ],
  ['ALL_OLD of an upsert', (client) => upserted(client, 'ALL_OLD'), undefined, KEY],
  ['UPDATED_OLD of an upsert', (client) => upserted(client, 'UPDATED_OLD'), undefined],
  [
    'all attributes of an index without them',
    (client) => queried(client, { ...INDEX, Select: 'ALL_ATTRIBUTES' }),
    REFUSED,
  ],
  [
    'an attribute beyond the index',
    (client) => queried(client, { ...INDEX, ProjectionExpression: 'extra' }),
    REFUSED,
    [{}],
  ],
  [
    'a filter beyond the index',
    (client) => queried(client, { ...INDEX, FilterExpression: 'extra = :o', ExpressionAttributeValues: EXTRA }),
    REFUSED,
    [],
  ],
  ['a start key of another form', (client) => queried(client, { ExclusiveStartKey: { extra: { S: 'o' } } }), REFUSED],
  [
    'a start key of another partition',
    (client) => queried(client, { ExclusiveStartKey: { connectionId: { S: 'z' }, topic: { S: 'a' } } }),
    REFUSED,
    [{ ...KEY, extra: { S: 'o' } }],
  ],
];

// docs/local-runtime.md lists these differences. A row that fails after an update of an engine may have become one less.
describe.each([
  ['dynoxide', true],
  // `npm ci` does not install Java. Without it this engine cannot be tested.
  ['dynamodb-local', hasJava()],
])('The engine %s', (name, isAvailable) => {
  let engine: Engine;
  let client: DynamoDBClient;

  beforeAll(async () => {
    if (!isAvailable) return;
    engine = await startEngine({ engine: name }, { terminal: SILENT });
    client = clientFor(engine.endpoint);
    await createTables([SUBSCRIPTIONS], client);
  });

  afterAll(async () => {
    if (!isAvailable) return;
    client.destroy();
    await engine.stop();
  });

  (isAvailable ? it : it.skip).each<Row>(ROWS)('%s', async (...[, request, dynamodb, ...dynoxide]) => {
    const found = await request(client);

    expect(found).toEqual(name === 'dynoxide' && dynoxide.length > 0 ? dynoxide[0] : dynamodb);
  });

  (isAvailable ? it : it.skip)('has records with the second of the write, and with empty maps', async () => {
    const beforeSeconds = Math.floor(Date.now() / 1_000);
    await client.send(new PutItemCommand({ TableName, Item: { ...KEY, map: { M: {} }, list: { L: [{ M: {} }] } } }));

    const [last] = (await readStream({ client, endpoint: engine.endpoint }, TableName)).toReversed();

    expect(last?.dynamodb.NewImage).toEqual({ ...KEY, map: { M: {} }, list: { L: [{ M: {} }] } });
    expect(last?.dynamodb.ApproximateCreationDateTime).toBeGreaterThanOrEqual(beforeSeconds);
  });
});
