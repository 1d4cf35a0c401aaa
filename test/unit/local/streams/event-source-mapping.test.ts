import { join } from 'node:path';
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { createExpiredItems } from '../../../../local/engine/expired-items.ts';
import { type InvocationResult, RuntimeSetupError } from '../../../../local/model.ts';
import { createMemoryCheckpoints, openFileCheckpoints } from '../../../../local/streams/checkpoints.ts';
import { eventSequenceNumber, type LambdaRecord } from '../../../../local/streams/stream-record.ts';
import { startDynoxide } from '../../../helpers/dynoxide.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { STREAM_ARN, success } from '../../../helpers/mapping-fixtures.ts';
import { StreamBench, TABLE } from '../../../helpers/stream-bench.ts';

const THIRD = eventSequenceNumber('3');
const ONE = { ExpressionAttributeValues: { ':one': { N: '1' } } };

let bench: StreamBench;
beforeEach(async () => {
  bench = await StreamBench.start();
});
afterEach(async () => {
  await bench.stop();
});

describe('An event source mapping on a real engine', () => {
  it('delivers each change once, in order, in the shape that Lambda knows', async () => {
    bench.startMapping();
    await bench.put('a', '1');
    await bench.put('a', '1');
    await bench.put('a', '2');
    await bench.dynamo().send(new DeleteItemCommand({ TableName: TABLE, Key: { topic: { S: 'a' } } }));

    await eventually(() => expect(bench.delivered).toHaveLength(3));

    expect(bench.delivered.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE']);
    expect(bench.delivered[1]).toEqual({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'eu-central-1',
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Number),
        Keys: { topic: { S: 'a' } },
        NewImage: { topic: { S: 'a' }, value: { S: '2' } },
        OldImage: { topic: { S: 'a' }, value: { S: '1' } },
        SequenceNumber: THIRD,
        SizeBytes: 30,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
      eventSourceARN: STREAM_ARN,
    });
  });

  it('shows the deletion of an expired item as one by DynamoDB', async () => {
    const asked: unknown[] = [];
    const wasExpired = (tableName: string, keys: unknown): boolean => asked.push([tableName, keys]) > 0;
    bench.startMapping({ filters: [{ userIdentity: { type: ['Service'] } }] }, { wasExpired });
    await bench.put('a', '1');
    await bench.dynamo().send(new DeleteItemCommand({ TableName: TABLE, Key: { topic: { S: 'a' } } }));

    await eventually(() => expect(bench.delivered).toHaveLength(1));

    expect(bench.delivered[0]?.userIdentity).toEqual({ principalId: 'dynamodb.amazonaws.com', type: 'Service' });
    expect(asked).toEqual([[TABLE, { topic: { S: 'a' } }]]);
  });

  it('shows the deletion of an expired item to every mapping of the stream', async () => {
    const expired = createExpiredItems();
    const readers = [expired.addReader(), expired.addReader(), expired.addReader()];
    for (const wasExpired of readers) bench.startMapping({}, { wasExpired });
    await bench.put('a', '1');
    expired.announce(TABLE, { topic: { S: 'a' } });

    await bench.dynamo().send(new DeleteItemCommand({ TableName: TABLE, Key: { topic: { S: 'a' } } }));
    await eventually(() => expect(bench.delivered).toHaveLength(6));

    const removals = bench.delivered.filter(({ eventName }) => eventName === 'REMOVE');
    const identity = { principalId: 'dynamodb.amazonaws.com', type: 'Service' };
    expect(removals.map(({ userIdentity }) => userIdentity)).toEqual([identity, identity, identity]);
  });

  it('hands on no write that changes nothing, though the table’s stream has new images only', async () => {
    const TableName = TABLE;
    bench.startMapping({}, { streamViewType: 'NEW_IMAGE' });
    const client = bench.dynamo();
    const Item = { topic: { S: 'a' }, set: { SS: ['x', 'y'] }, seq: { N: '10' } };
    await client.send(new PutItemCommand({ TableName, Item }));

    const touch = { TableName, Key: { topic: { S: 'a' } }, UpdateExpression: 'SET seq = seq' };
    await client.send(new UpdateItemCommand(touch));
    await client.send(new PutItemCommand({ TableName, Item: { ...Item, set: { SS: ['y', 'x'] } } }));
    await client.send(new PutItemCommand({ TableName, Item: { ...Item, seq: { N: '10.0' } } }));
    await client.send(new UpdateItemCommand({ ...touch, UpdateExpression: 'ADD seq :one', ...ONE }));
    await eventually(() => bench.delivered.some(({ eventName }) => eventName === 'MODIFY'));

    expect(bench.delivered.map(({ dynamodb }) => dynamodb.NewImage?.['seq'])).toEqual([{ N: '10' }, { N: '11' }]);
    expect(bench.delivered[1]?.dynamodb).toMatchObject({ StreamViewType: 'NEW_IMAGE' });
    expect(bench.delivered[1]?.dynamodb).not.toHaveProperty('OldImage');
  });

  it('starts at LATEST after what was written before, and after a restart goes on even so', async () => {
    await bench.put('a', 'before');
    const checkpoints = createMemoryCheckpoints();
    const first = bench.startMapping({ startingPosition: 'LATEST' }, { checkpoints });
    await eventually(() => first.idle());
    await first.stop();
    await bench.put('a', 'between');

    bench.startMapping({ startingPosition: 'LATEST' }, { checkpoints });
    await bench.put('a', 'after');
    await eventually(() => expect(bench.delivered).toHaveLength(2));

    expect(bench.values()).toEqual(['between', 'after']);
  });

  it('has passed what is done, and not what a function still works on', async () => {
    const held = Promise.withResolvers<InvocationResult>();
    const begun: string[] = [];
    const answer = (records: readonly LambdaRecord[]) => {
      begun.push(...records.map(({ dynamodb }) => dynamodb.SequenceNumber));
      return begun.includes(THIRD) ? held.promise : success();
    };
    const mapping = bench.startMapping({ batchSize: 2 }, { answer });
    await bench.put('a', '1');
    await bench.put('a', '2');
    await eventually(() => expect(mapping.passed()).toBe(2n));

    await bench.put('a', '3');
    await eventually(() => expect(begun).toContain(THIRD));
    const before = mapping.passed();
    held.resolve(success());
    await eventually(() => expect(bench.delivered).toHaveLength(3));

    await eventually(() => expect(mapping.passed()).toBe(3n));
    expect(before).toBe(2n);
  });

  it('loses and repeats nothing when the engine is killed in the middle and comes back', async () => {
    const { port } = bench.engine;
    const databaseFile = join(bench.folder, 'engine.db');
    bench.startMapping({ batchSize: 3 });
    for (const value of ['1', '2', '3', '4']) await bench.put('a', value);
    await eventually(() => expect(bench.delivered).toHaveLength(4));

    await bench.engine.kill();
    await eventually(() => expect(bench.terminal.lines).toHaveLength(1));
    bench.engine = await startDynoxide({ databaseFile, port });
    for (const value of ['5', '6', '7']) await bench.put('a', value);
    await eventually(() => expect(bench.delivered).toHaveLength(7));

    expect(bench.values()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(bench.terminal.lines).toEqual([
      expect.stringContaining('does not answer'),
      expect.stringContaining('answers again'),
    ]);
  });

  it('delivers after a restart of everything what was not done before it', async () => {
    const file = join(bench.folder, 'checkpoints.json');
    const databaseFile = join(bench.folder, 'engine.db');
    const never = new Promise<InvocationResult>(() => undefined);
    let stuck = 0;
    const before = bench.startMapping(
      { batchSize: 2, parallelizationFactor: 1 },
      {
        checkpoints: await openFileCheckpoints(file, { terminal: bench.terminal }),
        answer: (records) => {
          if (!records.some(({ dynamodb }) => dynamodb.SequenceNumber === THIRD)) return success();
          stuck += 1;
          return never;
        },
      },
    );
    for (const value of ['1', '2', '3', '4']) await bench.put('a', value);
    await eventually(() => expect(stuck).toBe(1));
    const deliveredBefore = bench.delivered.length;
    await before.stop();
    await bench.engine.kill();

    bench.engine = await startDynoxide({ databaseFile });
    bench.startMapping({}, { checkpoints: await openFileCheckpoints(file, { terminal: bench.terminal }) });
    await eventually(() => bench.delivered.length >= 4);

    expect(bench.values()).toEqual(['1', '2', '3', '4']);
    expect(deliveredBefore).toBeLessThan(4);
  });

  it('keeps the order of each item over lanes while invocations fail', async () => {
    let calls = 0;
    bench.startMapping(
      { parallelizationFactor: 4, batchSize: 5, reportBatchItemFailures: true },
      {
        answer: (records) => {
          calls += 1;
          return calls % 3 === 0
            ? {
                outcome: 'function-error',
                requestId: 'r',
                errorType: 'Unhandled',
                errorMessage: String(records.length),
              }
            : success();
        },
      },
    );
    const items = ['a', 'b', 'c', 'd', 'e'];
    for (let value = 0; value < 10; value += 1) await Promise.all(items.map((item) => bench.put(item, String(value))));

    await eventually(() => expect(bench.delivered).toHaveLength(50));

    for (const item of items) {
      const ofItem = bench.delivered.filter((record) => record.dynamodb.Keys['topic']?.['S'] === item);
      expect(ofItem.map((record) => record.dynamodb.NewImage?.['value']?.['S'])).toEqual(
        Array.from({ length: 10 }, (_, value) => String(value)),
      );
    }
  });

  it('gives up a record with an attribute __proto__ alone, passes it, and delivers the records after it', async () => {
    const mapping = bench.startMapping();
    await bench.putJson('{"topic":{"S":"a"},"__proto__":{"S":"x"},"value":{"S":"1"}}');
    await bench.putJson('{"topic":{"S":"b"},"map":{"M":{"__proto__":{"N":"1"}}},"value":{"S":"2"}}');
    await bench.put('c', '3');

    await eventually(() => expect(mapping.passed()).toBe(3n));

    expect(bench.values()).toEqual(['3']);
    expect(bench.terminal.lines.filter((line) => line.includes('__proto__'))).toHaveLength(2);
    expect(bench.terminal.lines.filter((line) => line.includes('dropped'))).toHaveLength(2);
  });

  it('refuses a wrong filter before it starts', () => {
    expect(() => bench.startMapping({ filters: ['single-string'] })).toThrow(RuntimeSetupError);
  });
});
