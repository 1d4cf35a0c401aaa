import { ClientError } from '../../../../shared/errors.ts';
import { LIMITS } from '../../../../shared/protocol/limits.ts';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { getTopics, isIndexed, listSubscribers } from '../../../../shared/store/subscribers.ts';
import { createSubscriptionStore } from '../../../../shared/store/subscriptions.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { readStream } from '../../../helpers/read-stream.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;
const connectedAt = Date.UTC(2026, 10, 20, 12);
const connectionOf = (connectionId: string) => ({ connectionId, connectedAt });

describe('subscriptions', () => {
  let engine: StoreEngine;
  let requests = 0;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const requestId = () => `request-${(requests += 1)}`;
  const openStore = (client = engine.client) =>
    createSubscriptionStore({ client, table, requestId, shardsOf: async () => 1 });
  const topicsOf = (connectionId: string) => getTopics({ client: engine.client, table }, connectionOf(connectionId));
  const recordsOf = (id: string) => scan(engine, table, ({ connectionId }) => connectionId?.S === id);
  const subscribersOf = async (topic: string) =>
    (await Array.fromAsync(listSubscribers({ client: engine.client, table }, topic))).map((each) => each.connectionId);

  const fill = async (connectionId: string) => {
    const topics = Array.from(
      { length: LIMITS.TOPICS_PER_CONNECTION },
      (_, i) => `${connectionId.replace('=', '')}/${i}`,
    );
    await openStore().open(connectionOf(connectionId), { topics: topics.map((topic) => ({ topic })) });
    return topics;
  };

  it('records a connection with its first topics, each with its expiry', async () => {
    await openStore().open(connectionOf('open='), { topics: [{ topic: 'open/a' }, { topic: 'open/b' }] });

    const records = await recordsOf('open=');

    expect(records.map(({ topic }) => topic?.S ?? '').sort()).toEqual(['@connection', 'open/a', 'open/b']);
    const expiry = String(connectedAt / 1_000 + STORE_BOUNDS.CONNECTION_SECONDS);
    expect(records.map(({ expiresAt }) => expiresAt?.N)).toEqual([expiry, expiry, expiry]);
    expect(await topicsOf('open=')).toEqual(new Set(['open/a', 'open/b']));
    expect(await subscribersOf('open/a')).toEqual(['open=']);
  });

  it('records a connection without topics', async () => {
    await openStore().open(connectionOf('none='), { topics: [] });

    expect(await topicsOf('none=')).toEqual(new Set());
    expect(await recordsOf('none=')).toHaveLength(1);
  });

  it('refuses the topic past the limit, and leaves no record of it', async () => {
    await fill('full=');

    const attempt = openStore().subscribe(connectionOf('full='), { topic: 'full/extra' });

    await expect(attempt).rejects.toMatchObject({ name: 'ClientError', code: 'too-many-topics' });
    expect(await subscribersOf('full/extra')).toEqual([]);
    expect((await topicsOf('full=')).size).toBe(LIMITS.TOPICS_PER_CONNECTION);
  });

  it('takes a topic again at the limit', async () => {
    const [topic = ''] = await fill('again=');

    await openStore().subscribe(connectionOf('again='), { topic, position: { epoch: 'e', seq: 3 } });

    const [record] = await scan(engine, table, (item) => item['topic']?.S === topic);
    expect(record?.['position']).toEqual({ M: { epoch: { S: 'e' }, seq: { N: '3' } } });
  });

  it('takes another topic when one was given up', async () => {
    const [topic = ''] = await fill('freed=');
    const store = openStore();

    await store.unsubscribe(connectionOf('freed='), topic);
    await store.subscribe(connectionOf('freed='), { topic: 'freed/extra' });

    expect(await subscribersOf(topic)).toEqual([]);
    expect(await subscribersOf('freed/extra')).toEqual(['freed=']);
  });

  it('lets exactly one of two topics have the last slot', async () => {
    const topics = await fill('race=');
    const store = openStore();
    await store.unsubscribe(connectionOf('race='), topics[0] ?? '');

    const outcomes = await Promise.allSettled(
      ['race/a', 'race/b'].map((topic) => store.subscribe(connectionOf('race='), { topic })),
    );

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('makes a change record of each subscribe, also of one that repeats another', async () => {
    const store = openStore();
    await store.subscribe(connectionOf('stamped='), { topic: 'stamped' });
    await store.subscribe(connectionOf('stamped='), { topic: 'stamped' });

    const records = await readStream(engine, table);

    const ours = records.filter(({ dynamodb }) => {
      const { connectionId, topic } = dynamodb.Keys as Record<string, { S?: string }>;
      return connectionId?.S === 'stamped=' && topic?.S === 'stamped';
    });
    expect(ours.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY']);
  });

  it("keeps a connection's own records out of the index", async () => {
    const store = openStore();
    await store.open(connectionOf('sparse='), { topics: [{ topic: 'sparse' }] });
    await store.notePositions(connectionOf('sparse='), { sparse: { epoch: null, seq: 0 } });

    const indexed = await Promise.all(
      ['sparse', '@connection', '@ping'].map((topic) =>
        isIndexed({ client: engine.client, table }, { topic, shard: 0 }, 'sparse='),
      ),
    );

    expect(indexed).toEqual([true, false, false]);
    const ownRecords = (await recordsOf('sparse=')).filter(({ topic }) => topic?.S?.startsWith('@'));
    expect(ownRecords.map((record) => 'topicShard' in record)).toEqual([false, false]);
  });

  it('forgets earlier wishes when a topic is subscribed to again', async () => {
    const store = openStore();
    await store.subscribe(connectionOf('wishes='), { topic: 'wishes', history: 5, batch: true });

    await store.subscribe(connectionOf('wishes='), { topic: 'wishes' });

    const [record] = await scan(engine, table, ({ topic }) => topic?.S === 'wishes');
    expect(Object.keys(record ?? {}).sort()).toEqual(
      ['connectedAt', 'connectionId', 'expiresAt', 'receivedAt', 'request', 'topic', 'topicShard'].sort(),
    );
  });

  it('is unavailable when the records of a connection are left unwritten', async () => {
    const client = engine.newClient();
    intercept(client, async ({ input }) => ({ UnprocessedItems: input['RequestItems'] }));

    const attempt = openStore(client).open(connectionOf('unwritten='), { topics: [{ topic: 'a' }] });

    await expect(attempt).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('lets through a failure that is not the limit', async () => {
    const client = engine.newClient();
    intercept(client, () => Promise.reject(new Error('engine down')));

    const attempt = openStore(client).subscribe(connectionOf('down='), { topic: 'a' });

    await expect(attempt).rejects.not.toBeInstanceOf(ClientError);
    await expect(attempt).rejects.toThrow('engine down');
  });
});
