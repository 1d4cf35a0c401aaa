import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { areRight, linesOf } from '../chaos/report.ts';
import { measureFromTable } from '../chaos/from-table.ts';
import { jsonLines, runCommand } from '../helpers/command.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { openDialogue } from '../helpers/dialogue.ts';
import { eventually } from '../helpers/eventually.ts';
import type { RuntimeBench } from '../helpers/runtime-in-process.ts';
import { startTableApp } from '../helpers/table-app.ts';

type Values = Readonly<Record<string, unknown>>;

/** Returns a time as TTL reads it. DynamoDB leaves items alone that expired more than five years ago. */
const secondsAgo = (seconds: number): number => Math.floor(Date.now() / 1_000) - seconds;

describe('topics from the tables of an application', () => {
  let bench: RuntimeBench;
  beforeAll(async () => {
    bench = await startTableApp();
  });
  afterAll(() => bench.stop());

  const put = (table: string, item: Values) =>
    bench.dynamodb.send(new PutItemCommand({ TableName: bench.output(table), Item: marshall(item) }));

  const subscribe = async (topic: string) => {
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    await client.hear({ type: 'subscribed', topic });
    return client;
  };

  test('a PutItem becomes a message of a subscriber, and so do its changes and its deletion, in order', async () => {
    const [customerId, orderId] = [unusedName('c'), unusedName('o')];
    const topic = `order:${customerId}`;
    const client = await subscribe(topic);

    await put('OrdersTable', { orderId, customerId, status: 'paid', total: 19.99, card: 'secret' });
    await put('OrdersTable', { orderId, customerId, status: 'sent', total: 19.99 });
    await bench.dynamodb.send(
      new DeleteItemCommand({ TableName: bench.output('OrdersTable'), Key: marshall({ orderId }) }),
    );
    const last = await client.hear({ type: 'message', seq: 3 });

    expect(client.heard.filter(({ type }) => type === 'message').map(({ data }) => data)).toEqual([
      { event: 'insert', keys: { orderId }, item: { status: 'paid', total: 19.99 } },
      { event: 'modify', keys: { orderId }, item: { status: 'sent', total: 19.99 } },
      { event: 'remove', keys: { orderId }, item: { status: 'sent', total: 19.99 } },
    ]);
    expect(last).toMatchObject({ topic });
  });

  test('a client that subscribes later gets the messages that it missed', async () => {
    const [customerId, orderId] = [unusedName('c'), unusedName('o')];
    const topic = `order:${customerId}`;
    const early = await subscribe(topic);
    await put('OrdersTable', { orderId, customerId, status: 'paid' });
    await early.hear({ type: 'message', seq: 1 });

    const late = await openDialogue(`${bench.runtime.url}?topics=`);
    late.say({ action: 'subscribe', topic, history: 10 });
    const subscribed = await late.hear({ type: 'subscribed', topic });

    expect(subscribed).toMatchObject({ seq: 1, messages: [{ data: { keys: { orderId } } }] });
  });

  test('a change that the source does not ask for is no message', async () => {
    const customerId = unusedName('c');
    const client = await subscribe(`order:${customerId}`);

    await put('OrdersTable', { orderId: unusedName('o'), customerId, status: 'draft' });
    await put('OrdersTable', { orderId: unusedName('o'), customerId, status: 'paid' });
    const message = await client.hear({ type: 'message' });

    expect(message).toMatchObject({ seq: 1, data: { item: { status: 'paid' } } });
  });

  test('an item that TTL deletes is a message that says so', async () => {
    const userId = unusedName('u');
    const client = await subscribe('sessions');

    await put('SessionsTable', { userId, startedAt: 1, device: 'phone', expiresAt: secondsAgo(60) });
    const message = await client.hear(({ data }) => JSON.stringify(data)?.includes(userId) ?? false);

    expect(message['data']).toEqual({
      event: 'remove',
      keys: { userId, startedAt: 1 },
      item: { device: 'phone' },
      expired: true,
    });
  });

  test('records that can never be published go to the failures, hold up nothing, and are replayed when they can', async () => {
    const [customerId, orderId] = [unusedName('c'), unusedName('o')];
    const client = await subscribe(`order:${customerId}`);
    const { port } = bench.runtime;

    await put('OrdersTable', { orderId, status: 'paid' });
    await put('OrdersTable', { orderId: unusedName('o'), customerId: 'not/one', status: 'paid' });
    await put('OrdersTable', { orderId, customerId, status: 'x'.repeat(30_000) });
    await put('OrdersTable', { orderId, customerId, status: 'sent' });
    await client.hear({ type: 'message', seq: 1 });
    await eventually(async () => (await bench.failures()).length === 3, 'three records are kept');

    const conditions = (await bench.failures()).map(({ requestContext }) => requestContext.condition);
    expect(conditions.toSorted()).toEqual([
      expect.stringContaining('Unpublishable: `data` is at most 28672 bytes'),
      'Unpublishable: customerId is not one segment of a topic',
      'Unpublishable: the attribute customerId has no value',
    ]);
    const listed = jsonLines(await runCommand(port, 'failures', 'list', '--json'));
    expect(listed).toHaveLength(3);
    expect(listed).toContainEqual(
      expect.objectContaining({ stream: 'table', records: 1, what: [expect.stringContaining(orderId)] }),
    );
    const replayed = await runCommand(port, 'failures', 'replay', String(listed[0]?.['id']));
    expect(replayed.stderr).toContain('cannot be published');
    expect(jsonLines(await runCommand(port, 'failures', 'list', '--json'))).toHaveLength(3);
  });

  test('`trace` says which table wrote a message', async () => {
    const [customerId, orderId] = [unusedName('c'), unusedName('o')];
    const topic = `order:${customerId}`;
    const client = await subscribe(topic);
    await put('OrdersTable', { orderId, customerId, status: 'paid' });
    await client.hear({ type: 'message', seq: 1 });

    const { stdout } = await runCommand(bench.runtime.port, 'trace', topic, '1');

    expect(stdout).toMatch(/written from a record of a table \([0-9a-f]{32}, by \S*TopicsFromOrders\S*, request /);
  });
});

test('records of a table whose Lambda is killed again and again are messages once each, in order', async () => {
  const checks = await measureFromTable({ records: 300, say: () => undefined });

  expect(linesOf(checks).filter((line) => !line.endsWith('right'))).toEqual(['checked:']);
  expect(areRight(checks)).toBe(true);
});
