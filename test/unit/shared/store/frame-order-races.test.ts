import { getTopics } from '../../../../shared/store/subscribers.ts';
import { createSubscriptionStore } from '../../../../shared/store/subscriptions.ts';
import { interleavings, playInterleaved, type StoreRequest } from '../../../helpers/interleave.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;
const CONNECTED_AT = Date.UTC(2026, 10, 20, 12);

describe('two frames of one connection, handled in every order of their calls', () => {
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
  const newConnection = () => ({ connectionId: `frames-${(connections += 1)}=`, connectedAt: CONNECTED_AT });
  const subscribedTo = async (connection: ReturnType<typeof newConnection>) => [
    ...(await getTopics({ client: engine.client, table }, connection)),
  ];
  const play = (order: string, a: StoreRequest, b: StoreRequest) =>
    playInterleaved(order, [a, b], (gated) => openStore(gated(engine.newClient())));
  const listOf = async ({ connectionId }: { connectionId: string }) => {
    const isList = (item: Record<string, { S?: string }>) =>
      item['connectionId']?.S === connectionId && item['topic']?.S === '@connection';
    const [list] = await scan(engine, table, isList);
    return Object.keys(list?.['topics']?.M ?? {});
  };

  const recordsOf = async ({ connectionId }: { connectionId: string }) => {
    const items = await scan(engine, table, (item) => item['connectionId']?.S === connectionId);
    return items.map((item) => item['topic']?.S ?? '').toSorted((a, b) => a.localeCompare(b));
  };

  it.each(interleavings(3, 3))('a later unsubscribe and an earlier subscribe (%s): nothing is left', async (order) => {
    for (const topics of [['news'], []]) {
      const connection = newConnection();
      await openStore().open({ ...connection, receivedAt: 0 }, { topics: topics.map((topic) => ({ topic })) });

      await play(
        order,
        (store) => store.unsubscribe({ ...connection, receivedAt: 2 }, 'news'),
        (store) => store.subscribe({ ...connection, receivedAt: 1 }, { topic: 'news', presence: true }),
      );

      expect([await recordsOf(connection), await listOf(connection)]).toEqual([['@connection'], []]);
    }
  });

  it.each(interleavings(3, 3))('an earlier unsubscribe and a later subscribe (%s): all is there', async (order) => {
    const connection = newConnection();
    await openStore().open({ ...connection, receivedAt: 0 }, { topics: [{ topic: 'news' }] });

    await play(
      order,
      (store) => store.unsubscribe({ ...connection, receivedAt: 1 }, 'news'),
      (store) => store.subscribe({ ...connection, receivedAt: 2 }, { topic: 'news', presence: true }),
    );

    expect(await recordsOf(connection)).toEqual(['@connection', '@presence:news', 'news']);
    expect(await listOf(connection)).toEqual(['news']);
  });

  it.each(interleavings(3, 3))('presence that is on, then off (%s), is off in the end', async (order) => {
    const connection = newConnection();
    await openStore().open({ ...connection, receivedAt: 0 }, { topics: [] });

    await play(
      order,
      (store) => store.subscribe({ ...connection, receivedAt: 2 }, { topic: 'news' }),
      (store) => store.subscribe({ ...connection, receivedAt: 1 }, { topic: 'news', presence: true }),
    );

    expect(await recordsOf(connection)).toEqual(['@connection', 'news']);
  });

  it.each(interleavings(2, 3))('two frames of one millisecond (%s) leave no place in the list', async (order) => {
    const connection = newConnection();
    await openStore().open(connection, { topics: [] });

    await play(
      order,
      (store) => store.unsubscribe(connection, 'news'),
      (store) => store.subscribe(connection, { topic: 'news' }),
    );

    expect(await listOf(connection)).toEqual(await subscribedTo(connection));
  });
});
