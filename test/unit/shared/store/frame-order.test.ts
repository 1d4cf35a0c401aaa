import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { LEFT_TOPICS } from '../../../../shared/store/topic-list.ts';
import { createSubscriptionStore, type SubscriptionStore } from '../../../../shared/store/subscriptions.ts';
import { LIMITS } from '../../../../shared/protocol/limits.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const CONNECTED_AT = Date.UTC(2026, 10, 20);

/** Returns a frame of a connection, which API Gateway received a number of milliseconds after the handshake. */
const sender = (connectionId: string, afterMs: number) => ({
  connectionId,
  connectedAt: CONNECTED_AT,
  receivedAt: CONNECTED_AT + afterMs,
});

describe('frames of one connection that are handled in another order than they were received', () => {
  let engine: StoreEngine;
  let store: SubscriptionStore;
  let requests = 0;

  beforeAll(async () => {
    engine = await startStoreEngine();
    const requestId = () => `request-${(requests += 1)}`;
    const table = TABLE_NAMES.subscriptions;
    store = createSubscriptionStore({ client: engine.client, table, requestId, shardsOf: async () => 1 });
  });

  afterAll(() => engine.stop());

  const recordsOf = async (connectionId: string) => {
    const items = await scan(engine, TABLE_NAMES.subscriptions, (item) => item['connectionId']?.S === connectionId);
    return items.map((item) => item['topic']?.S ?? '').toSorted((a, b) => a.localeCompare(b));
  };

  const listOf = async (connectionId: string) => {
    const isList = (item: Record<string, { S?: string }>) =>
      item['connectionId']?.S === connectionId && item['topic']?.S === '@connection';
    const [list] = await scan(engine, TABLE_NAMES.subscriptions, isList);
    return Object.keys(list?.['topics']?.M ?? {});
  };

  it('leave the connection subscribed when the subscribe was received last', async () => {
    await store.subscribe(sender('A=', 1), { topic: 'news' });
    await store.subscribe(sender('A=', 3), { topic: 'news' });

    await store.unsubscribe(sender('A=', 2), 'news');

    expect(await recordsOf('A=')).toEqual(['@connection', 'news']);
    expect(await listOf('A=')).toEqual(['news']);
  });

  it('leave the connection without the topic when the unsubscribe was received last', async () => {
    await store.open(sender('U=', 0), { topics: [{ topic: 'other' }] });
    await store.subscribe(sender('V=', 0), { topic: 'news' });

    for (const id of ['U=', 'V=']) {
      await store.unsubscribe(sender(id, 2), 'news');
      await store.subscribe(sender(id, 1), { topic: 'news', presence: true });
    }

    expect([await recordsOf('U='), await recordsOf('V=')]).toEqual([['@connection', 'other'], ['@connection']]);
    expect([await listOf('U='), await listOf('V=')]).toEqual([['other'], []]);
  });

  it('may follow one another: a later subscribe after the unsubscribe subscribes again', async () => {
    await store.subscribe(sender('W=', 1), { topic: 'news' });
    await store.unsubscribe(sender('W=', 2), 'news');

    await store.subscribe(sender('W=', 3), { topic: 'news' });
    await store.unsubscribe(sender('W=', 2), 'news');

    expect([await recordsOf('W='), await listOf('W=')]).toEqual([['@connection', 'news'], ['news']]);
  });

  it('are remembered for a bounded number of topics that were left', async () => {
    const topics = Array.from({ length: LEFT_TOPICS + 1 }, (_, i) => `t${i}`);
    await store.open(sender('L=', 0), { topics: [] });

    for (const topic of topics) await store.unsubscribe(sender('L=', 2), topic);
    await store.subscribe(sender('L=', 1), { topic: topics.at(-1) ?? '' });

    const [list] = await scan(engine, TABLE_NAMES.subscriptions, (item) => item['connectionId']?.S === 'L=');
    expect(Object.keys(list?.['left']?.M ?? {})).toEqual(topics.slice(-1));
    expect(await recordsOf('L=')).toEqual(['@connection']);
  });

  it('keep their order in a list that was written before lists kept when a topic was left', async () => {
    await store.subscribe(sender('O=', 0), { topic: 'news' });
    const Key = { connectionId: { S: 'O=' }, topic: { S: '@connection' } };
    const TableName = TABLE_NAMES.subscriptions;
    const ExpressionAttributeNames = { '#left': 'left' };
    const remove = { TableName, Key, UpdateExpression: 'REMOVE #left', ExpressionAttributeNames };
    await engine.client.send(new UpdateItemCommand(remove));

    await store.unsubscribe(sender('O=', 2), 'news');
    await store.subscribe(sender('O=', 1), { topic: 'news' });

    expect([await recordsOf('O='), await listOf('O=')]).toEqual([['@connection'], []]);
  });

  it('leave the options of the later subscribe', async () => {
    await store.subscribe(sender('B=', 2), { topic: 'news', history: 5 });

    await store.subscribe(sender('B=', 1), { topic: 'news', presence: true });

    const [record] = await scan(
      engine,
      TABLE_NAMES.subscriptions,
      (item) => item['connectionId']?.S === 'B=' && item['topic']?.S === 'news',
    );
    expect(record).toMatchObject({ history: { N: '5' } });
    expect(record).not.toHaveProperty('presence');
    expect(await recordsOf('B=')).toEqual(['@connection', 'news']);
  });

  it('leave presence as the later one asks for it', async () => {
    await store.subscribe(sender('C=', 1), { topic: 'room', presence: true });
    await store.subscribe(sender('C=', 3), { topic: 'room', presence: true });

    await store.unsubscribe(sender('C=', 2), 'room');

    expect(await recordsOf('C=')).toEqual(['@connection', '@presence:room', 'room']);
  });

  it('may be handled in the order in which they came within one millisecond', async () => {
    await store.subscribe(sender('D=', 1), { topic: 'news' });

    await store.unsubscribe(sender('D=', 1), 'news');

    expect(await recordsOf('D=')).toEqual(['@connection']);
    expect(await listOf('D=')).toEqual([]);
  });

  it('leave the positions of the later ping', async () => {
    const at = (seq: number) => ({ news: { epoch: 'e1', seq } });
    await store.notePositions(sender('P=', 2), at(2));

    await store.notePositions(sender('P=', 1), at(1));

    const [ping] = await scan(engine, TABLE_NAMES.subscriptions, (item) => item['connectionId']?.S === 'P=');
    expect(ping?.['positions']?.M).toMatchObject({ news: { M: { seq: { N: '2' } } } });
  });

  it('leak no place in the list: two subscribes at once count as one topic, which an unsubscribe takes off', async () => {
    for (let topic = 0; topic <= LIMITS.TOPICS_PER_CONNECTION; topic += 1) {
      const twice = [1, 2].map((ms) => store.subscribe(sender('E=', 10 * topic + ms), { topic: `t${topic}` }));
      await Promise.all(twice);
      await store.unsubscribe(sender('E=', 10 * topic + 3), `t${topic}`);
    }

    expect(await listOf('E=')).toEqual([]);
  });
});
