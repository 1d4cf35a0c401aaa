import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { eventually } from '../helpers/eventually.ts';
import { startBench } from '../helpers/runtime-in-process.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { inlineFunction, type Resources, writeApp } from '../helpers/written-app.ts';

/** Counts the items of a window, and writes the count at its end. */
const COUNT = `
const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb');
const client = new DynamoDBClient({});
exports.handler = async ({ Records, state, window, isFinalInvokeForWindow }) => {
  if (!isFinalInvokeForWindow) return { state: { count: (state.count ?? 0) + Records.length } };
  const Item = { id: { S: window.start }, count: { N: String(state.count) } };
  await client.send(new PutItemCommand({ TableName: process.env.TOTALS, Item }));
};`;

const tableOf = (more: object = {}): object => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    ...more,
  },
});

const RESOURCES: Resources = {
  Items: tableOf({ StreamSpecification: { StreamViewType: 'NEW_IMAGE' } }),
  Totals: tableOf(),
  ...inlineFunction('Count', COUNT, { Environment: { Variables: { TOTALS: { Ref: 'Totals' } } } }),
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Items', 'StreamArn'] },
      FunctionName: { Ref: 'Count' },
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 2,
      TumblingWindowInSeconds: 1,
    },
  },
};

test('a function counts the items of tumbling windows, over several batches, and gets the total at their end', async () => {
  const directory = temporaryDirectory();
  const Outputs = { Items: { Value: { Ref: 'Items' } }, Totals: { Value: { Ref: 'Totals' } } };
  const { dynamodb, output, stop } = await startBench(
    {},
    { assembly: writeApp(directory.path, { App: { Resources: RESOURCES, Outputs } }) },
  );
  const put = (id: string) =>
    dynamodb.send(new PutItemCommand({ TableName: output('Items'), Item: { id: { S: id } } }));

  await Promise.all(['a', 'b', 'c', 'd', 'e'].map(put));

  await eventually(async () => {
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: output('Totals') }));
    const counts = Items.map(({ count }) => Number(count?.N));
    // The items may have been written in two seconds.
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(5);
    expect(Items.every(({ id }) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(id?.S ?? ''))).toBe(true);
  });
  await stop();
  directory.remove();
});
