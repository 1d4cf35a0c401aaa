import {
  advanceOwed,
  claimOwed,
  decodeOwed,
  isVoid,
  noteOwed,
  type OwedCatchUp,
  settleOwed,
} from '../../../../shared/store/owed.ts';
import { createSubscriptionStore } from '../../../../shared/store/subscriptions.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const NOW_MS = Date.UTC(2026, 10, 20);
const connection = { connectionId: 'C1=', connectedAt: NOW_MS - 60_000 };

describe('a debt in the table', () => {
  let engine: StoreEngine;
  let nowMs = NOW_MS;
  let stamps = 0;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const deps = () => ({
    client: engine.client,
    table: TABLE_NAMES.subscriptions,
    now: () => nowMs,
    newStamp: () => `stamp-${(stamps += 1)}`,
  });

  const store = () =>
    createSubscriptionStore({ ...deps(), requestId: () => `r${(stamps += 1)}`, shardsOf: async () => 1 });

  async function owed(topic: string): Promise<OwedCatchUp | undefined> {
    const [item] = await scan(engine, TABLE_NAMES.subscriptions, (each) => each['topic']?.S === `@owed:${topic}`);
    return item === undefined ? undefined : decodeOwed(item, undefined);
  }

  async function noted(topic: string, seq = 3): Promise<OwedCatchUp> {
    await noteOwed(deps(), { connection, topic, position: { epoch: 'e1', seq } });
    const found = await owed(topic);
    if (found === undefined) throw new Error('no debt');
    return found;
  }

  it('keeps the oldest position, and each note asks for a try', async () => {
    const first = await noted('news', 3);
    nowMs += 5_000;

    const second = await noted('news', 9);

    expect(first).toMatchObject({ connection, topic: 'news', position: { epoch: 'e1', seq: 3 }, sinceMs: NOW_MS });
    expect(second).toMatchObject({ position: { seq: 3 }, sinceMs: NOW_MS, notedAtMs: nowMs, tryAtMs: NOW_MS });
    expect(second.stamp).not.toBe(first.stamp);
  });

  it.each([
    ['a history', { history: 10 }, { history: 10 }],
    ['a position', { position: { epoch: 'e1', seq: 7 } }, { position: { epoch: 'e1', seq: 7 } }],
  ])(
    'begins where a later subscribe asks with %s, and a frame that is missed then does not change it',
    async (...row) => {
      const [name, asked, expected] = row;
      const topic = `asked-${name.replace(' ', '-')}`;
      await noted(topic, 3);

      await noteOwed(deps(), { connection, topic, ...asked, isAsked: true });
      await noted(topic, 9);

      const { position, history, isAsked } = (await owed(topic)) ?? {};
      expect({ position, history, isAsked }).toEqual({
        position: undefined,
        history: undefined,
        ...expected,
        isAsked: true,
      });
    },
  );

  it('of a bare subscribe begins with the first frame that is missed', async () => {
    await noteOwed(deps(), { connection, topic: 'bare', isAsked: true });

    expect(await noted('bare', 5)).toMatchObject({ position: { epoch: 'e1', seq: 5 }, isAsked: true });
  });

  it('has a position of one note, never of two', async () => {
    await noteOwed(deps(), { connection, topic: 'mixed', position: { epoch: null, seq: 0 } });

    expect(await noted('mixed', 5)).toMatchObject({ position: { epoch: null, seq: 0 } });
  });

  it('is claimed by one of several records of it', async () => {
    const first = await noted('claimed');
    const second = await noted('claimed');

    const [stale, claimed, again] = [
      await claimOwed(deps(), first),
      await claimOwed(deps(), second),
      await claimOwed(deps(), second),
    ];

    expect([stale, again]).toEqual([undefined, undefined]);
    expect(claimed).toMatchObject({ topic: 'claimed', position: { seq: 3 } });
  });

  it('is advanced and settled, unless a note came meanwhile', async () => {
    const debt = await noted('advanced');
    await advanceOwed(deps(), debt, { position: { epoch: 'e1', seq: 7 }, isAsked: false });
    const advanced = await owed('advanced');
    const later = await noted('advanced', 8);

    await advanceOwed(deps(), debt, { tryAtMs: 1 });
    await settleOwed(deps(), debt);
    const kept = await owed('advanced');
    await settleOwed(deps(), later);

    expect(advanced).toMatchObject({ position: { epoch: 'e1', seq: 7 }, stamp: debt.stamp });
    expect(kept).toEqual(later);
    expect(await owed('advanced')).toBeUndefined();
  });

  it('is void without its subscription, and when that was made anew', async () => {
    const sent = (receivedAt: number) => ({ ...connection, receivedAt });
    const debt = await noted('voided');

    const without = await isVoid(deps(), debt);
    await store().subscribe(sent(debt.notedAtMs - 1), { topic: 'voided' });
    const older = await isVoid(deps(), debt);
    await store().subscribe(sent(debt.notedAtMs + 1), { topic: 'voided' });

    expect([without, older, await isVoid(deps(), debt)]).toEqual([true, false, true]);
  });

  it('is void when the token of its connection has ended', async () => {
    const debt = await noted('ended');
    const endAt = (tokenEnd: number) =>
      store().subscribe({ ...connection, receivedAt: debt.notedAtMs - 1, tokenEnd }, { topic: 'ended' });

    await endAt(deps().now() + 60_000);
    const before = await isVoid(deps(), debt);
    await endAt(deps().now());

    expect([before, await isVoid(deps(), debt)]).toEqual([false, true]);
  });

  it('is read from a record only when its stamp is new', () => {
    const image = (stamp: string) => ({
      connectionId: { S: 'C1=' },
      connectedAt: { N: '1' },
      topic: { S: '@owed:news' },
      owed: { S: stamp },
      sinceMs: { N: '1' },
      notedAtMs: { N: '1' },
      tryAtMs: { N: '1' },
      from: { M: { seq: { N: '3' } } },
    });

    expect(decodeOwed(image('a'), image('a'))).toBeUndefined();
    expect(decodeOwed(image('b'), image('a'))).toMatchObject({ topic: 'news', position: { epoch: null, seq: 3 } });
    expect(() => decodeOwed({ ...image('c'), from: { M: { seq: { S: 'x' } } } }, undefined)).toThrow('whole number');
  });
});
