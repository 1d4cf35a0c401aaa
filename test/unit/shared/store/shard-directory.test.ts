import { setImmediate as nextTurn } from 'node:timers/promises';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { createShardDirectory, enterTopic, shardFor } from '../../../../shared/store/shard-directory.ts';
import { createSubscriptionStore } from '../../../../shared/store/subscriptions.ts';
import { isIndexed, listShard, listSubscribers } from '../../../../shared/store/subscribers.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TestClock } from '../../../helpers/test-clock.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;
const NOW_MS = Date.UTC(2026, 10, 20, 12);
const PAGES = Array.from({ length: STORE_BOUNDS.DIRECTORY_PAGES }, (_, page) => page);
const keyOf = (page: number) => ({ connectionId: { S: `@shards#${page}` }, topic: { S: '@shards' } });
const UNTIL = NOW_MS / 1_000 + 86_400;

describe('the shard directory', () => {
  let engine: StoreEngine;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  /** A warm route, with its clock, and with its calls written down. */
  function openRoute() {
    const client = engine.newClient();
    const calls: string[] = [];
    const clock = new TestClock(NOW_MS);
    const state = { isDown: false };
    intercept(client, async ({ command, proceed }) => {
      calls.push(command);
      if (state.isDown) throw new Error('the table is down');
      return proceed();
    });
    return { shardsOf: createShardDirectory({ client, table, now: clock.now }), calls, clock, state };
  }
  const enter = (topic: string, shards: number, until = UNTIL) =>
    enterTopic({ client: engine.client, table, now: () => NOW_MS }, topic, { shards, until });

  it('says that a topic which never grew has one shard', async () => {
    const { shardsOf } = openRoute();

    expect(await shardsOf('quiet')).toBe(1);
    expect(await shardsOf('constructor')).toBe(1);
  });

  it('costs one write for each page and half a minute, however many topics are asked for', async () => {
    const { shardsOf, calls, clock } = openRoute();
    const topics = Array.from({ length: 500 }, (_, i) => `many/${i}`);

    await Promise.all(topics.map(shardsOf));
    for (const topic of topics) await shardsOf(topic);
    clock.advance(STORE_BOUNDS.DIRECTORY_MS - 1);
    await shardsOf('many/1');

    expect(calls).toEqual(Array.from({ length: STORE_BOUNDS.DIRECTORY_PAGES }, () => 'UpdateItemCommand'));
  });

  it('learns of a topic that has grown when its page is old, and goes by what it knew until then', async () => {
    const { shardsOf, clock } = openRoute();
    const before = await shardsOf('growing');
    await enter('growing', 4);

    const warm = await shardsOf('growing');
    clock.advance(STORE_BOUNDS.DIRECTORY_MS);
    const later = await shardsOf('growing');

    expect([before, warm, later]).toEqual([1, 1, 4]);
  });

  it('goes by what it knew when the table is down, and refuses nobody', async () => {
    const { shardsOf, clock, state } = openRoute();
    await enter('known', 8);
    await shardsOf('known');
    state.isDown = true;
    clock.advance(STORE_BOUNDS.DIRECTORY_MS);

    expect(await shardsOf('known')).toBe(8);
    const cold = openRoute();
    cold.state.isDown = true;
    expect(await cold.shardsOf('known')).toBe(1);
  });

  it('keeps every topic that is entered at once with others on its page', async () => {
    const { shardsOf } = openRoute();
    const topics = Array.from({ length: 20 }, (_, i) => `at-once/${i}`);

    await Promise.all(topics.map((topic, i) => enter(topic, 2, UNTIL + 1_000_000 + i)));

    expect(await Promise.all(topics.map(shardsOf))).toEqual(topics.map(() => 2));
  });

  it('makes room on a full page for a new topic, in the place of the one whose entry ends first', async () => {
    const names = (page: number) =>
      Array.from({ length: STORE_BOUNDS.DIRECTORY_TOPICS }, (_, i) => `full/${page}/${i}`);
    for (const page of PAGES) {
      const entries = names(page).map((topic, i) => [
        topic,
        { M: { shards: { N: '2' }, until: { N: String(UNTIL + 900 - i) } } },
      ]);
      const Item = { ...keyOf(page), topics: { M: Object.fromEntries(entries) } };
      await engine.client.send(new PutItemCommand({ TableName: table, Item }));
    }

    await enter('full/last', 2);
    await enter('full/last', 4);

    const changed = (await Promise.all(PAGES.map(topicsOn))).filter((topics) => topics.includes('full/last'));
    expect(changed).toHaveLength(1);
    expect(changed[0]).toHaveLength(STORE_BOUNDS.DIRECTORY_TOPICS);
    const page = Number(changed[0]?.[0]?.split('/')[1]);
    expect(names(page).filter((topic) => changed[0]?.includes(topic) !== true)).toEqual([names(page).at(-1)]);
  });

  const topicsOn = async (page: number): Promise<string[]> => {
    const { Item } = await engine.client.send(new GetItemCommand({ TableName: table, Key: keyOf(page) }));
    return Object.keys(Item?.['topics']?.M ?? {});
  };
});

describe('a subscription to a topic of several shards', () => {
  let engine: StoreEngine;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  let requests = 0;
  const reader = () => ({ client: engine.client, table });
  const openStore = (shards: number) =>
    createSubscriptionStore({ ...reader(), requestId: () => `r${(requests += 1)}`, shardsOf: async () => shards });
  const connectionOf = (connectionId: string) => ({ connectionId, connectedAt: NOW_MS });
  const idsIn = async (topic: string, shard: number) =>
    (await Array.fromAsync(listShard(reader(), topic, shard))).map(({ connectionId }) => connectionId);

  it('is in one of them, evenly by the connection, whether it came with the handshake or later', async () => {
    const ids = Array.from({ length: 200 }, (_, i) => `spread${i}=`);

    for (const [i, id] of ids.entries()) {
      if (i % 2 === 0) await openStore(4).open(connectionOf(id), { topics: [{ topic: 'spread' }] });
      else await openStore(4).subscribe(connectionOf(id), { topic: 'spread' });
    }

    const shards = await Promise.all([0, 1, 2, 3].map((shard) => idsIn('spread', shard)));
    expect(shards.flat().toSorted()).toEqual(ids.toSorted());
    expect(Math.min(...shards.map(({ length }) => length))).toBeGreaterThan(25);
    const all = await Array.fromAsync(listSubscribers(reader(), 'spread', 4));
    expect(all.map(({ connectionId }) => connectionId).toSorted()).toEqual(ids.toSorted());
  });

  it('keeps its shard when it is made again after the topic grew, and takes all else anew', async () => {
    const connection = connectionOf('moves=');
    await openStore(1).subscribe(connection, { topic: 'moves', history: 3, batch: true });
    expect(shardFor('moves=', 64)).not.toBe(0);

    await openStore(64).subscribe(connection, { topic: 'moves', position: { epoch: 'e', seq: 1 } });

    const [subscriber] = await Array.fromAsync(listShard(reader(), 'moves', 0));
    expect(subscriber).toEqual({ ...connection, batch: false });
    expect(await isIndexed(reader(), { topic: 'moves', shard: 0 }, 'moves=')).toBe(true);
    expect(await isIndexed(reader(), { topic: 'moves', shard: shardFor('moves=', 64) }, 'moves=')).toBe(false);
  });

  it('asks for its shard while it is listed, so that it takes no longer', async () => {
    const order: string[] = [];
    const client = engine.newClient();
    intercept(client, async ({ command, proceed }) => {
      order.push(command);
      return proceed();
    });
    const shardsOf = async () => {
      order.push('shards');
      await nextTurn();
      order.push('shards known');
      return 1;
    };

    await createSubscriptionStore({ client, table, requestId: () => 'r', shardsOf }).subscribe(connectionOf('both='), {
      topic: 'both',
    });

    expect(order.slice(0, 2).toSorted()).toEqual(['UpdateItemCommand', 'shards']);
  });
});
