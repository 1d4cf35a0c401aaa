import { setImmediate as nextTurn } from 'node:timers/promises';
import { LIMITS } from '../../../../shared/protocol/limits.ts';
import { getTopics, removeConnection } from '../../../../shared/store/subscribers.ts';
import { createSubscriptionStore } from '../../../../shared/store/subscriptions.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { gate, interleavings, playInterleaved, type StoreRequest } from '../../../helpers/interleave.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;
const connectionOf = (connectionId: string) => ({ connectionId, connectedAt: Date.UTC(2026, 10, 20, 12) });

describe('two requests of one connection, in every order of their calls', () => {
  let engine: StoreEngine;
  let requests = 0;
  let connections = 0;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const requestId = () => `request-${(requests += 1)}`;
  const openStore = (client = engine.client) =>
    createSubscriptionStore({ client, table, requestId, shardsOf: async () => 1 });
  const newConnection = () => connectionOf(`race-${(connections += 1)}=`);
  const subscribedTo = (connection: ReturnType<typeof newConnection>) =>
    getTopics({ client: engine.client, table }, connection).then((topics) =>
      [...topics].filter((topic) => !topic.startsWith('@')).sort(),
    );
  const listOf = async ({ connectionId }: { connectionId: string }) => {
    const [record] = await scan(
      engine,
      table,
      (item) => item['connectionId']?.S === connectionId && item['topic']?.S === '@connection',
    );
    return record === undefined ? undefined : Object.keys(record['topics']?.M ?? {}).sort();
  };

  const play = (order: string, a: StoreRequest, b: StoreRequest) =>
    playInterleaved(order, [a, b], (hook) => openStore(hook(engine.newClient())));

  it.each(interleavings(2, 2))('unsubscribe and subscribe (%s): what is subscribed to is listed', async (order) => {
    const connection = newConnection();
    await openStore().open(connection, { topics: [{ topic: 'kept' }, { topic: 'news' }] });

    await play(
      order,
      (store) => store.unsubscribe(connection, 'news'),
      (store) => store.subscribe(connection, { topic: 'news' }),
    );

    const [subscribed, listed] = [await subscribedTo(connection), await listOf(connection)];
    expect(subscribed).toContain('kept');
    expect(listed).toEqual(expect.arrayContaining(subscribed));
  });

  it.each(interleavings(2, 2))('two subscribes (%s): both are subscribed to and listed', async (order) => {
    const connection = newConnection();
    await openStore().open(connection, { topics: [] });

    await play(
      order,
      (store) => store.subscribe(connection, { topic: 'a' }),
      (store) => store.subscribe(connection, { topic: 'b' }),
    );

    expect([await subscribedTo(connection), await listOf(connection)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it.each(interleavings(4, 4))('two subscribes without a record (%s): both are listed', async (order) => {
    const connection = newConnection();

    const outcomes = await play(
      order,
      (store) => store.subscribe(connection, { topic: 'a' }),
      (store) => store.subscribe(connection, { topic: 'b' }),
    );

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect([await subscribedTo(connection), await listOf(connection)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('a late unsubscribe of a connection that is gone recreates nothing', async () => {
    const connection = newConnection();
    await openStore().open(connection, { topics: [{ topic: 'news' }] });
    const client = engine.newClient();
    const waiting = gate(client);

    const late = openStore(client).unsubscribe(connection, 'news');
    while (waiting.length === 0) await nextTurn();
    waiting.shift()?.();
    while (waiting.length === 0) await nextTurn();
    await removeConnection({ client: engine.client, table }, connection.connectionId);
    let isOver = false;
    const ended = late.finally(() => {
      isOver = true;
    });
    // The late request looks for the record several times.
    await eventually(() => {
      waiting.shift()?.();
      return isOver;
    });
    await ended;
    await openStore().unsubscribe(connection, 'news');

    expect(await scan(engine, table, (item) => item['connectionId']?.S === connection.connectionId)).toEqual([]);
  });

  it('a subscribe without the record of its connection makes one, with the limit in it', async () => {
    const connection = newConnection();

    await openStore().subscribe(connection, { topic: 'news', history: 3 });

    expect([await subscribedTo(connection), await listOf(connection)]).toEqual([['news'], ['news']]);
    const records = await scan(engine, table, (item) => item['connectionId']?.S === connection.connectionId);
    expect(records.every(({ expiresAt }) => expiresAt?.N !== undefined)).toBe(true);
  });

  it('many subscribes at once never pass the limit, and each that was refused left nothing', async () => {
    const connection = newConnection();
    const held = Array.from({ length: LIMITS.TOPICS_PER_CONNECTION - 5 }, (_, i) => `held/${i}`);
    await openStore().open(connection, { topics: held.map((topic) => ({ topic })) });

    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => openStore().subscribe(connection, { topic: `more/${i}` })),
    );

    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toHaveLength(15);
    expect(refused.every(({ code }) => code === 'too-many-topics')).toBe(true);
    const subscribed = await subscribedTo(connection);
    expect(subscribed).toHaveLength(LIMITS.TOPICS_PER_CONNECTION);
    expect(await listOf(connection)).toEqual(subscribed);
  });

  it('unsubscribed from something it never had, it loses nothing', async () => {
    const connection = newConnection();
    await openStore().open(connection, { topics: [{ topic: 'news' }] });

    await openStore().unsubscribe(connection, 'other');

    expect([await subscribedTo(connection), await listOf(connection)]).toEqual([['news'], ['news']]);
  });
});
