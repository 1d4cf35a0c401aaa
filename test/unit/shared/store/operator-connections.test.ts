import { createEnterWildcard } from '../../../../shared/store/enter-wildcard.ts';
import {
  countSubscribers,
  findConnectionRecords,
  listConnectionRecords,
} from '../../../../shared/store/operator-connections.ts';
import { noteOwed } from '../../../../shared/store/owed.ts';
import { watch } from '../../../../shared/store/presence.ts';
import { revoke } from '../../../../shared/store/revocations.ts';
import { enterTopic } from '../../../../shared/store/shard-directory.ts';
import { createSubscriptionStore } from '../../../../shared/store/subscriptions.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;
const connectedAt = Date.UTC(2026, 10, 20, 12);

describe('the connections for an operator', () => {
  let engine: StoreEngine;
  beforeAll(async () => {
    engine = await startStoreEngine();
  });
  afterAll(() => engine.stop());

  const deps = () => ({ client: engine.client, table });
  const openStore = () => createSubscriptionStore({ ...deps(), requestId: () => 'request', shardsOf: async () => 2 });

  it('count the subscribers of all shards, every page to the end, up to the most that is asked for', async () => {
    const topic = 'counted';
    const store = openStore();
    for (let place = 0; place < 9; place++) {
      await store.subscribe({ connectionId: `c${place}=`, connectedAt }, { topic });
    }
    const paged = engine.newClient();
    const limits: number[] = [];
    intercept(paged, ({ command, input, proceed }) => {
      if (command !== 'QueryCommand') return proceed();
      const asked = Number(Reflect.get(input, 'Limit'));
      limits.push(asked);
      return proceed({ ...input, Limit: Math.min(asked, 2) });
    });
    const count = (most: number) => countSubscribers({ client: paged, table }, { topic, shards: 2 }, most);

    expect([await count(100), await count(9), await count(4), await count(1)]).toEqual([9, 9, 4, 1]);
    expect(Math.max(...limits)).toBe(100);
    expect(limits).not.toContain(0);
    expect(await countSubscribers(deps(), { topic: 'nobody', shards: 2 }, 10)).toBe(0);
  });

  it('have all their records: subscriptions, watches and debts; without any there is no connection', async () => {
    const connection = { connectionId: 'shown=', connectedAt };
    const store = openStore();
    await store.subscribe(connection, { topic: 'news', batch: true });
    await store.subscribe(connection, { topic: 'sport' });
    await watch(deps(), connection, { topic: 'sport', requestId: 'watch' });
    const debt = { connection, topic: 'news', position: { epoch: 'e1', seq: 3 } };
    await noteOwed({ ...deps(), now: () => connectedAt + 5, newStamp: () => 'stamp' }, debt);

    expect(await findConnectionRecords(deps(), 'shown=')).toMatchObject({
      connectedAt,
      subscriptions: [
        { topic: 'news', batch: true },
        { topic: 'sport', batch: false },
      ],
      watches: ['sport'],
      owed: [{ topic: 'news', position: { epoch: 'e1', seq: 3 }, sinceMs: connectedAt + 5 }],
    });
    expect(await findConnectionRecords(deps(), 'nobody=')).toBeUndefined();
  });

  it('are listed without the items of the table that belong to no connection', async () => {
    const now = (): number => connectedAt;
    await createEnterWildcard({ ...deps(), now })('listed/*');
    await enterTopic({ ...deps(), now }, 'grown', { shards: 2, until: connectedAt });
    await revoke({ ...deps(), now, newStamp: () => 'stamp' }, { subject: 'ann', pattern: '*', until: connectedAt });
    await openStore().subscribe({ connectionId: 'only=', connectedAt }, { topic: 'listed/*' });

    const records = await Array.fromAsync(listConnectionRecords({ ...deps(), maxItems: 1_000 }));

    expect(records.filter(({ connectionId }) => connectionId.startsWith('@'))).toEqual([]);
    expect(records.filter(({ connectionId }) => connectionId === 'only=').map(({ sortKey }) => sortKey)).toEqual([
      '@connection',
      'listed/*',
    ]);
  });
});
