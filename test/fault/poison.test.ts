import {
  type AttributeValue,
  DeleteItemCommand,
  DeleteTableCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { unusedName } from '../helpers/contract-target.ts';
import { openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, poisonItem, startBench, writePoison } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';

type Item = Record<string, AttributeValue>;

/** The head of a topic after its first message. */
const healthyItem = (topic: string): Item => ({
  topic: { S: topic },
  epoch: { S: 'e1' },
  seq: { N: '1' },
  message: { S: '"healthy"' },
  publishedAt: { N: String(Date.now()) },
});

/** Writes items in one transaction: they are in the stream together, and a read of the first reads them all. */
async function writeTogether({ dynamodb, output }: RuntimeBench, items: readonly Item[]): Promise<void> {
  const TransactItems = items.map((Item) => ({ Put: { TableName: output('TopicsTable'), Item } }));
  await dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
}

describe('records that cannot be broadcast', () => {
  let bench: RuntimeBench;
  afterEach(() => bench.stop());

  test('a poison record goes, whole, to the bucket, and the messages before and after it arrive', async () => {
    bench = await startBench();
    const [topic, poisoned] = [unusedName('healthy'), unusedName('poison')];
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    await client.hear({ type: 'subscribed', topic });

    await client.ask({ action: 'publish', topic, data: 'before' });
    await writePoison(bench, poisoned);
    await client.ask({ action: 'publish', topic, data: 'after' });
    const after = await client.hear({ type: 'message', seq: 2 });
    await eventually(async () => (await bench.failures()).length > 0, 'the poison record is given up');
    const failures = await bench.failures();

    expect(after['data']).toBe('after');
    expect(failures).toHaveLength(1);
    expect(failures[0]?.requestContext.condition).toBe('RetryAttemptsExhausted');
    const { Records } = JSON.parse(failures[0]?.payload ?? '');
    expect(Records).toHaveLength(1);
    expect(Records[0].dynamodb.NewImage).toMatchObject({ topic: { S: poisoned }, message: { S: 'no epoch' } });
    expect(client.heard.filter(({ type }) => type === 'message').map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('a poison record before healthy ones in one batch: all of them arrive and are archived, it alone is given up', async () => {
    bench = await startBench();
    const topics = Array.from({ length: 60 }, () => unusedName('behind'));
    const poisoned = unusedName('poison');
    const client = await openDialogue(`${bench.runtime.url}?topics=${topics.join(',')}`);
    for (const topic of topics) await client.hear({ type: 'subscribed', topic });

    await writeTogether(bench, [poisonItem(poisoned), ...topics.map(healthyItem)]);
    for (const topic of topics) await client.hear({ type: 'message', topic });
    await eventually(
      async () => (await bench.failures()).length > 0 && bench.runtime.idle(),
      'the poison record is given up',
    );

    const failures = await bench.failures();
    // It was the first of several: the function failed as a whole, and its batch was halved.
    expect(bench.log()).toMatch(/BadRecordError/);
    expect(failures.map(({ requestContext }) => requestContext.condition)).toEqual(['RetryAttemptsExhausted']);
    const { Records } = JSON.parse(failures[0]?.payload ?? '');
    expect(Records).toHaveLength(1);
    expect(Records[0].dynamodb.NewImage).toMatchObject({ topic: { S: poisoned } });
    for (const topic of topics) {
      client.say({ action: 'subscribe', topic, position: { epoch: null, seq: 0 } });
      // On a busy machine an answer may come twice, so the first one, too.
      const caughtUp = await client.hear({ type: 'subscribed', topic, seq: 1 });
      expect(caughtUp).toMatchObject({ recovered: true, messages: [{ topic, data: 'healthy' }] });
    }
  });

  test('items that are no topics, and deletions, are passed over', async () => {
    bench = await startBench();
    const TableName = bench.output('TopicsTable');
    const topic = unusedName('healthy');
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    await client.hear({ type: 'subscribed', topic });

    await bench.dynamodb.send(
      new PutItemCommand({ TableName, Item: { topic: { S: 'foreign' }, note: { S: 'not ours' } } }),
    );
    await bench.dynamodb.send(new DeleteItemCommand({ TableName, Key: { topic: { S: 'foreign' } } }));
    await client.ask({ action: 'publish', topic, data: 1 });
    await client.hear({ type: 'message', seq: 1 });
    await eventually(() => bench.runtime.idle(), 'all records are handled');

    expect(await bench.failures()).toEqual([]);
  });

  test('a topic that was deleted begins a new epoch, and a client with the old position is told', async () => {
    bench = await startBench();
    const topic = unusedName('reborn');
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    await client.hear({ type: 'subscribed', topic });
    const first = await client.ask({ action: 'publish', topic, data: 1 });
    await client.ask({ action: 'publish', topic, data: 2 });
    await client.hear({ type: 'message', seq: 2 });

    await bench.dynamodb.send(
      new DeleteItemCommand({ TableName: bench.output('TopicsTable'), Key: { topic: { S: topic } } }),
    );
    const reborn = await client.ask({ action: 'publish', topic, data: 3 });
    client.say({ action: 'subscribe', topic, position: { epoch: first['epoch'], seq: 1 } });
    const told = await client.hear({ type: 'subscribed', topic, recovered: false });

    expect(reborn).toMatchObject({ seq: 1 });
    expect(reborn['epoch']).not.toBe(first['epoch']);
    expect(told).toMatchObject({ epoch: reborn['epoch'], seq: 1, messages: [] });
  });

  test('a table that is not there: the client gets `unavailable`, and nothing of the inside', async () => {
    bench = await startBench();
    const client = await openDialogue(`${bench.runtime.url}?topics=`);

    await bench.dynamodb.send(new DeleteTableCommand({ TableName: bench.output('TopicsTable') }));
    const answer = await client.ask({ action: 'publish', topic: 'any', data: 1 });

    expect(answer).toMatchObject({ type: 'error', code: 'unavailable', action: 'publish' });
    expect(Object.keys(answer).toSorted()).toEqual(['action', 'code', 'id', 'message', 'type']);
    expect(String(answer['message'])).not.toMatch(/table|resource|dynamo/i);
  });
});
