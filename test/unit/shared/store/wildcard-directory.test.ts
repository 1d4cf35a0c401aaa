import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { encodeItem } from '../../../../shared/store/attributes.ts';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { createEnterWildcard } from '../../../../shared/store/enter-wildcard.ts';
import { wildcardsKey } from '../../../../shared/store/schema.ts';
import { createWildcardReader, decodeRoots } from '../../../../shared/store/wildcard-directory.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';
import { TestClock } from '../../../helpers/test-clock.ts';

const table = TABLE_NAMES.subscriptions;
const Key = encodeItem(wildcardsKey);
const LIFE_MS = STORE_BOUNDS.CONNECTION_SECONDS * 1_000;

describe('the directory of wildcards', () => {
  let engine: StoreEngine;
  let clock: TestClock;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  beforeEach(async () => {
    clock = new TestClock(Date.UTC(2026, 10, 29, 12));
    await engine.client.send(new DeleteItemCommand({ TableName: table, Key }));
  });

  /** A warm Lambda, with its calls written down. */
  function open() {
    const client = engine.newClient();
    const calls: string[] = [];
    const state = { isDown: false };
    intercept(client, async ({ command, proceed }) => {
      calls.push(command);
      if (state.isDown) throw new Error('the table is down');
      return proceed();
    });
    const deps = { client, table, now: clock.now, waiting: clock.waiting() };
    return { enter: createEnterWildcard(deps), wildcardsOver: createWildcardReader(deps), calls, state };
  }

  const stored = async () => {
    const { Item = {} } = await engine.client.send(new GetItemCommand({ TableName: table, Key }));
    return decodeRoots(Item);
  };

  const fill = async (roots: Readonly<Record<string, { at: number; until: number }>>) => {
    const Item = encodeItem({ ...wildcardsKey, roots: new Map(Object.entries(roots)) });
    await engine.client.send(new PutItemCommand({ TableName: table, Item }));
  };

  it('names no wildcard over a topic while nobody has subscribed to one', async () => {
    expect(await open().wildcardsOver('news/a')).toEqual([]);
  });

  it('names the wildcards with an entered root: first segment and number of separators', async () => {
    const { enter, wildcardsOver } = open();

    await enter('user/ann/*');
    await enter('room:*');

    expect(await wildcardsOver('user/bob/inbox')).toEqual(['user/bob/*']);
    expect(await wildcardsOver('user/bob')).toEqual([]);
    expect(await wildcardsOver('room:1/a')).toEqual(['room:*']);
    expect(await wildcardsOver('room/1')).toEqual([]);
  });

  it('costs a broadcast one read in two seconds, and none for topics that lie under no wildcard', async () => {
    const { wildcardsOver, calls } = open();

    for (const topic of ['news', 'counter:a/b', 'everyone']) await wildcardsOver(topic);
    const before = [...calls];
    await Promise.all(['a/b', 'c/d'].map(wildcardsOver));
    clock.advance(STORE_BOUNDS.WILDCARDS_MS - 1);
    await wildcardsOver('a/b');
    const within = [...calls];
    clock.advance(1);
    await wildcardsOver('a/b');

    expect([before, within, calls]).toEqual([[], ['GetItemCommand'], ['GetItemCommand', 'GetItemCommand']]);
  });

  it('is read again at once after a read that failed, and after a clock that was set back', async () => {
    const { wildcardsOver, state, calls } = open();
    state.isDown = true;
    await expect(wildcardsOver('a/b')).rejects.toThrow('down');
    state.isDown = false;
    await wildcardsOver('a/b');
    clock.advance(-60_000);
    await wildcardsOver('a/b');

    expect(calls).toHaveLength(3);
  });

  it('makes the first subscribers of a root wait, and later ones not', async () => {
    const [first, second, third] = [open(), open(), open()];

    const unsettled = [await first.enter('news/*'), await second.enter('news/*')];
    clock.advance(STORE_BOUNDS.WILDCARD_YOUNG_MS);
    const settled = [await first.enter('news/*'), await third.enter('news/*')];

    expect([unsettled, settled]).toEqual([
      [true, true],
      [false, false],
    ]);
    expect(STORE_BOUNDS.WILDCARD_SETTLING_MS).toBeGreaterThan(STORE_BOUNDS.WILDCARDS_MS);
    expect(STORE_BOUNDS.WILDCARD_YOUNG_MS).toBeGreaterThan(STORE_BOUNDS.WILDCARD_SETTLING_MS);
  });

  it('costs a warm route one write for each root in the life of a connection', async () => {
    const { enter, calls } = open();
    await enter('user/ann/*');
    const first = calls.length;

    for (const name of ['user/ann/*', 'user/bob/*', 'user/eve/*']) await enter(name);
    clock.advance(LIFE_MS);
    await enter('user/ann/*');
    const within = calls.length;
    clock.advance(1);
    await enter('user/ann/*');

    expect([within, calls.length]).toEqual([first, first + 1]);
  });

  it('keeps a root for as long as a connection that entered it can live, and then lets it go', async () => {
    const { enter, wildcardsOver } = open();
    await enter('news/*');
    clock.advance(LIFE_MS);
    await enter('news/*');
    clock.advance(LIFE_MS);
    const alive = await wildcardsOver('news/a');
    clock.advance(LIFE_MS + STORE_BOUNDS.WILDCARD_GRACE_MS + 1);

    expect(alive).toEqual(['news/*']);
    expect(await wildcardsOver('news/a')).toEqual([]);
  });

  it('enters a root that has ended anew, so that its next subscriber waits, and removes those that have left', async () => {
    const nowMs = clock.now();
    const left = { at: 1, until: nowMs - STORE_BOUNDS.WILDCARD_GRACE_MS - 1 };
    await fill({
      '1#news/': { at: 1, until: nowMs - 1 },
      '1#old/': left,
      '2#old/': left,
      '1#live/': { at: 1, until: nowMs },
    });

    const isUnsettled = await open().enter('news/*');

    expect(isUnsettled).toBe(true);
    expect(Object.fromEntries([...(await stored())].map(([root, { at }]) => [root, at]))).toEqual({
      '1#live/': 1,
      '1#news/': nowMs,
    });
  });

  it('gets coarser when it is full, and refuses nobody', async () => {
    const until = clock.now() + 4 * LIFE_MS;
    const roots = Array.from(
      { length: STORE_BOUNDS.WILDCARD_ROOTS },
      (_, i) => [`1#r${i}/`, { at: 1, until }] as const,
    );
    await fill(Object.fromEntries(roots));
    const { enter, wildcardsOver, calls } = open();

    await enter('new/*');
    const writes = calls.length;
    await Promise.all(['other/*', 'third/*'].map(enter));

    expect(calls.length).toBe(writes);
    expect([...(await stored()).keys()]).toContain('1#*');
    expect(await wildcardsOver('new/a/b')).toEqual(['new/*']);
    expect(await wildcardsOver('unknown/a/b')).toEqual(['unknown/*']);
  });

  it('takes the roots of routes that enter them at the same time', async () => {
    const names = Array.from({ length: 6 }, (_, i) => `same-time-${i}/*`);

    await Promise.all(names.map((name) => open().enter(name)));

    expect([...(await stored()).keys()].toSorted()).toEqual(names.map((name) => `1#${name.slice(0, -1)}`));
  });

  it('rejects a subscribe whose root cannot be entered', async () => {
    const { enter, state } = open();
    state.isDown = true;

    await expect(enter('news/*')).rejects.toThrow('down');
  });

  it('counts an entry that nobody can read as absent', async () => {
    await engine.client.send(
      new PutItemCommand({
        TableName: table,
        Item: { ...Key, roots: { M: { '1#bad/': { S: 'x' }, '1#news/': { M: { at: { N: '1' } } } } } },
      }),
    );

    expect(await open().wildcardsOver('bad/a')).toEqual([]);
    expect(await stored()).toEqual(new Map());
  });
});
