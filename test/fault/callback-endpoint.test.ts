import { QueryCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { unusedName } from '../helpers/contract-target.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';

type Answer = undefined | 'hang' | { statusCode: number; errorType?: string };

describe('a callback endpoint that fails', () => {
  let bench: RuntimeBench;
  const faults = new Map<string, (call: number) => Answer>();
  const calls = new Map<string, number>();
  afterEach(async () => {
    await bench.stop();
    faults.clear();
    calls.clear();
  });

  async function start(): Promise<void> {
    bench = await startBench({
      interceptCallback: ({ connectionId }) => {
        const call = (calls.get(connectionId) ?? 0) + 1;
        calls.set(connectionId, call);
        return faults.get(connectionId)?.(call);
      },
    });
  }

  /** The number of connections that are owed a catch-up of the topic. */
  async function debtsOf(topic: string): Promise<number> {
    const { Items = [] } = await bench.dynamodb.send(
      new ScanCommand({ TableName: bench.output('SubscriptionsTable') }),
    );
    return Items.filter((item) => item['topic']?.S === `@owed:${topic}`).length;
  }

  /** A subscribed client; `connectionId` is what the runtime calls it. */
  async function subscriber(topic: string): Promise<Dialogue & { connectionId: string }> {
    const known = new Set(calls.keys());
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    await client.hear({ type: 'subscribed', topic });
    const connectionId = [...calls.keys()].find((id) => !known.has(id)) ?? '';
    return { ...client, connectionId };
  }

  test.each<[string, Answer]>([
    ['429', { statusCode: 429, errorType: 'LimitExceededException' }],
    ['no answer at all', 'hang'],
  ])('%s for longer than all rounds: a plain client has the last message all the same', async (_, fault) => {
    await start();
    const topic = unusedName('owed');
    const slow = await subscriber(topic);
    const other = await subscriber(topic);
    faults.set(slow.connectionId, () => fault);

    other.say({ action: 'publish', topic, data: 'the last' });
    await other.hear({ type: 'message', seq: 1 });
    await eventually(async () => (await debtsOf(topic)) === 1, 'the debt is recorded');
    faults.delete(slow.connectionId);

    const recovery = await slow.hear({ type: 'subscribed', topic, recovered: true, seq: 1 });
    expect(recovery['messages']).toMatchObject([{ seq: 1, data: 'the last' }]);
    await eventually(async () => (await debtsOf(topic)) === 0, 'the debt is settled');
  });

  test.each<[string, Answer]>([
    ['429', { statusCode: 429, errorType: 'LimitExceededException' }],
    ['500', { statusCode: 500 }],
    ['no answer at all', 'hang'],
  ])('%s twice for one connection: it is tried again, and the others have theirs meanwhile', async (_, fault) => {
    await start();
    const topic = unusedName('fault');
    const slow = await subscriber(topic);
    const others = [await subscriber(topic), await subscriber(topic)];
    const before = calls.get(slow.connectionId) ?? 0;
    const order: string[] = [];
    for (const client of [slow, ...others]) {
      client.socket.on('message', () => order.push(client.connectionId));
    }
    faults.set(slow.connectionId, (call) => (call <= before + 2 ? fault : undefined));

    others[0]?.say({ action: 'publish', topic, data: 1 });
    await Promise.all([slow, ...others].map((client) => client.hear({ type: 'message', seq: 1 })));

    expect(order.at(-1)).toBe(slow.connectionId);
    expect(order).toHaveLength(3);
    expect(slow.heard.filter(({ type }) => type === 'message')).toHaveLength(1);
  });

  test('429 for a long time for one connection: it sees the gap, stays subscribed, and has all without asking', async () => {
    await start();
    const topic = unusedName('left');
    const [stuck, other] = [await subscriber(topic), await subscriber(topic)];
    faults.set(stuck.connectionId, () => ({ statusCode: 429, errorType: 'LimitExceededException' }));

    other.say({ action: 'publish', topic, data: 'missed by the stuck one' });
    await other.hear({ type: 'message', seq: 1 });
    await eventually(async () => (await debtsOf(topic)) === 1, 'the debt is recorded');
    faults.clear();
    other.say({ action: 'publish', topic, data: 'two' });
    const live = await stuck.hear({ type: 'message' });
    const { messages } = await stuck.hear({ type: 'subscribed', topic, recovered: true });

    expect(live['seq']).toBe(2);
    expect(messages).toEqual(
      expect.arrayContaining([expect.objectContaining({ seq: 1, data: 'missed by the stuck one' })]),
    );
  });

  test('410 in the middle of a fan-out: the records of that connection go, and those of nobody else', async () => {
    await start();
    const topic = unusedName('gone');
    const [first, gone, last] = [await subscriber(topic), await subscriber(topic), await subscriber(topic)];
    await makeOld(bench, gone.connectionId, topic);
    faults.set(gone.connectionId, () => ({ statusCode: 410, errorType: 'GoneException' }));

    first.say({ action: 'publish', topic, data: 1 });
    await Promise.all([first, last].map((client) => client.hear({ type: 'message', seq: 1 })));
    await eventually(async () => (await recordsOf(bench, gone.connectionId)) === 0, 'its records are deleted');

    expect(await recordsOf(bench, first.connectionId)).toBe(2);
    expect(await recordsOf(bench, last.connectionId)).toBe(2);
    expect(gone.heard.filter(({ type }) => type === 'message')).toEqual([]);
  });

  test('410 of a connection that is still in its handshake does not unsubscribe it', async () => {
    await start();
    const topic = unusedName('young');
    const [young, other] = [await subscriber(topic), await subscriber(topic)];
    const before = calls.get(young.connectionId) ?? 0;
    faults.set(young.connectionId, (call) =>
      call <= before + 1 ? { statusCode: 410, errorType: 'GoneException' } : undefined,
    );

    await other.ask({ action: 'publish', topic, data: 1 });
    await other.hear({ type: 'message', seq: 1 });
    await other.ask({ action: 'publish', topic, data: 2 });

    await expect(young.hear({ type: 'message' })).resolves.toMatchObject({ seq: 2 });
  });

  test('an endpoint that is down for all for a while: nobody misses anything', async () => {
    await start();
    const topic = unusedName('down');
    const clients = [await subscriber(topic), await subscriber(topic)];
    let down = true;
    for (const client of clients) faults.set(client.connectionId, () => (down ? { statusCode: 503 } : undefined));

    clients[0]?.say({ action: 'publish', topic, data: 'through' });
    await eventually(() => expect(bench.log()).toContain('callback endpoint down'), 'the outage is noticed');
    down = false;

    for (const client of clients) {
      await expect(client.hear({ type: 'message', seq: 1 })).resolves.toMatchObject({ data: 'through' });
    }
  });
});

/** Dates the connection back: a 410 for a connection that is no longer young means that it is gone. */
async function makeOld({ dynamodb, output }: RuntimeBench, connectionId: string, topic: string): Promise<void> {
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: output('SubscriptionsTable'),
      Key: { connectionId: { S: connectionId }, topic: { S: topic } },
      UpdateExpression: 'SET connectedAt = :then',
      ExpressionAttributeValues: { ':then': { N: String(Date.now() - 60_000) } },
    }),
  );
}

async function recordsOf({ dynamodb, output }: RuntimeBench, connectionId: string): Promise<number> {
  const { Count } = await dynamodb.send(
    new QueryCommand({
      TableName: output('SubscriptionsTable'),
      KeyConditionExpression: 'connectionId = :id',
      ExpressionAttributeValues: { ':id': { S: connectionId } },
      ConsistentRead: true,
    }),
  );
  return Count ?? 0;
}
