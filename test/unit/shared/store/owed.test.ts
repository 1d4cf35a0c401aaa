import { countAttempt, decodeOwed, noteOwed, type OwedCatchUp, settleOwed } from '../../../../shared/store/owed.ts';
import { createSubscriptionStore, type SubscriptionStore } from '../../../../shared/store/subscriptions.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const connection = { connectionId: 'C1=', connectedAt: Date.UTC(2026, 10, 20) };

describe('a debt in the table', () => {
  let engine: StoreEngine;
  let store: SubscriptionStore;
  let requests = 0;

  beforeAll(async () => {
    engine = await startStoreEngine();
    const requestId = () => `request-${(requests += 1)}`;
    store = createSubscriptionStore({ ...deps(), requestId, shardsOf: async () => 1 });
  });

  afterAll(() => engine.stop());

  const deps = () => ({ client: engine.client, table: TABLE_NAMES.subscriptions });

  async function owed(topic: string): Promise<OwedCatchUp | undefined> {
    const [item] = await scan(engine, TABLE_NAMES.subscriptions, (each) => each['topic']?.S === topic);
    return item === undefined ? undefined : decodeOwed(item, undefined);
  }

  it('keeps the oldest position, and counts its tries', async () => {
    await store.subscribe(connection, { topic: 'news' });
    await noteOwed(deps(), { connection, topic: 'news', position: { epoch: 'e1', seq: 3 } });
    await noteOwed(deps(), { connection, topic: 'news', position: { epoch: 'e1', seq: 9 } });
    const first = await owed('news');
    if (first !== undefined) await countAttempt(deps(), first);

    const second = await owed('news');

    expect(first).toEqual({ connection, topic: 'news', position: { epoch: 'e1', seq: 3 }, attempts: 0 });
    expect(second).toEqual({ ...first, attempts: 1 });
  });

  it('is settled once, and not by who knows an older state of it', async () => {
    await store.subscribe(connection, { topic: 'settled' });
    await noteOwed(deps(), { connection, topic: 'settled', history: 5 });
    const before = await owed('settled');
    if (before === undefined) throw new Error('no debt');
    await countAttempt(deps(), before);

    await settleOwed(deps(), before);
    const kept = await owed('settled');
    await settleOwed(deps(), { ...before, attempts: 1 });

    expect(kept).toEqual({ connection, topic: 'settled', history: 5, position: undefined, attempts: 1 });
    expect(await owed('settled')).toBeUndefined();
  });

  it('makes no record of a connection that has unsubscribed', async () => {
    await store.subscribe(connection, { topic: 'left' });
    await store.unsubscribe(connection, 'left');

    await noteOwed(deps(), { connection, topic: 'left', position: { epoch: null, seq: 0 } });

    expect(await scan(engine, TABLE_NAMES.subscriptions, (each) => each['topic']?.S === 'left')).toEqual([]);
  });

  it('goes with a new subscribe, which is answered anew', async () => {
    await store.subscribe(connection, { topic: 'again' });
    await noteOwed(deps(), { connection, topic: 'again', position: { epoch: 'e1', seq: 1 } });

    await store.subscribe(connection, { topic: 'again' });

    expect(await owed('again')).toBeUndefined();
  });

  it('is read from a record only when it is new or was tried again', () => {
    const image = (attempts: string) => ({
      connectionId: { S: 'C1=' },
      connectedAt: { N: '1' },
      topic: { S: 'news' },
      owed: { M: { attempts: { N: attempts }, seq: { N: '3' } } },
    });

    expect(decodeOwed(image('1'), image('1'))).toBeUndefined();
    expect(decodeOwed(image('1'), image('0'))).toMatchObject({ attempts: 1, position: { epoch: null, seq: 3 } });
    expect(() => decodeOwed({ ...image('x') }, undefined)).toThrow('whole number');
  });
});
