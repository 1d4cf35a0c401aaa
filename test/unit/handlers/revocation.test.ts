import { randomUUID } from 'node:crypto';
import { LATER_SWEEPS } from '../../../shared/fanout/catch-up/sweep-revoked.ts';
import { STORE_BOUNDS } from '../../../shared/store/bounds.ts';
import { findRevocations, lift, listRevocations, revoke } from '../../../shared/store/revocations.ts';
import { createSubscriptionStore } from '../../../shared/store/subscriptions.ts';
import { dueNow } from '../../helpers/due-sweep.ts';
import { type FanoutStage, invokeStream, startFanoutStage } from '../../helpers/fanout-stage.ts';
import { CONNECTED_AT } from '../../helpers/lambda-events.ts';
import { scan } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;
const HOUR_MS = 3_600_000;

describe('a revocation', () => {
  let stage: FanoutStage;

  beforeAll(async () => {
    stage = await startFanoutStage();
  });

  afterAll(() => stage.close());

  const deps = () => ({ client: stage.engine.client, table, now: Date.now, newStamp: () => randomUUID() });
  const until = () => Date.now() + HOUR_MS;

  async function open(connectionId: string, subject: string, seen = 0): Promise<void> {
    const store = createSubscriptionStore({ ...deps(), requestId: () => randomUUID(), shardsOf: async () => 1 });
    const connection = { connectionId, connectedAt: CONNECTED_AT, subject, seen, tokenEnd: until() };
    await store.open(connection, { topics: [{ topic: 'news' }] });
  }

  /** Subscribes on a connection without records, as a client does that was told that it is not subscribed. */
  async function subscribeAgain(
    connectionId: string,
    { subject, seen }: { subject: string; seen: number },
  ): Promise<void> {
    const connection = { connectionId, connectedAt: CONNECTED_AT, subject, seen, tokenEnd: until() };
    const store = createSubscriptionStore({ ...deps(), requestId: () => randomUUID(), shardsOf: async () => 1 });
    await store.subscribe(connection, { topic: 'news' });
  }

  /**
   * Passes all new records of the stream to a Lambda, and what the Lambda itself writes, until there is no more. No
   * sweep is waited for.
   */
  async function settle(name: string): Promise<number> {
    const { handler }: { handler: unknown } = await import(`../../../handlers/${name}.ts`);
    for (let batches = 0; ; batches += 1) {
      const records = (await stage.newRecords(table)).map(dueNow);
      if (records.length === 0) return batches;
      expect(await invokeStream(handler, records)).toEqual([]);
    }
  }

  const rowsOf = async (id: string) => (await scan(stage.engine, table, (row) => row['connectionId']?.S === id)).length;

  it('ends each connection that its subject opened before, tells the client, and asks for a bounded number of sweeps', async () => {
    await open('ann1=', 'ann');
    await open('ann2=', 'ann');
    await open('bob=', 'bob');
    await settle('catch-up');
    stage.received.clear();

    await revoke(deps(), { subject: 'ann', pattern: 'news/*', until: until() });
    const batches = await settle('catch-up');

    const told = { type: 'error', code: 'revoked', message: expect.any(String), topics: ['news/*'] };
    expect(stage.received.get('ann1=')).toEqual([told]);
    expect(stage.received.get('ann2=')).toEqual([told]);
    expect(stage.closed.toSorted()).toEqual(['ann1=', 'ann2=']);
    expect([await rowsOf('ann1='), await rowsOf('ann2='), await rowsOf('bob=')]).toEqual([0, 0, 2]);
    expect(stage.received.has('bob=')).toBe(false);
    // The removals, the first sweep, and each later one come in separate batches. They end.
    expect(batches).toBeLessThanOrEqual(LATER_SWEEPS + 3);
  }, 60_000);

  it('leaves a connection that was let in under it', async () => {
    await revoke(deps(), { subject: 'cleo', pattern: 'a', until: until() });
    const { version = 0 } = (await findRevocations(deps(), 'cleo')) ?? {};
    await open('cleo-old=', 'cleo', version - 1);
    await open('cleo-new=', 'cleo', version);
    stage.closed.length = 0;

    await settle('catch-up');

    expect(stage.closed).toEqual(['cleo-old=']);
    expect(await rowsOf('cleo-new=')).toBe(2);
  }, 60_000);

  it('adds up with others of its subject, and a later one has a higher version', async () => {
    await revoke(deps(), { subject: 'dan', pattern: 'a', until: until() });
    const first = await findRevocations(deps(), 'dan');
    await revoke(deps(), { subject: 'dan', pattern: 'b', until: until() });
    const second = await findRevocations(deps(), 'dan');

    expect([...(second?.patterns.keys() ?? [])].toSorted()).toEqual(['a', 'b']);
    expect(second?.version).toBeGreaterThan(first?.version ?? Infinity);
    expect(second?.sweeps).toBe(0);
  });

  it('loses none when operators revoke at once', async () => {
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((pattern) => revoke(deps(), { subject: 'eve', pattern, until: until() })),
    );

    expect([...((await findRevocations(deps(), 'eve'))?.patterns.keys() ?? [])].toSorted()).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
  });

  it('is listed until it ends, and can be lifted', async () => {
    await revoke(deps(), { subject: 'fay', pattern: 'over', until: Date.now() - 1 });
    await revoke(deps(), { subject: 'fay', pattern: 'a', until: until() });
    await revoke(deps(), { subject: 'fay', pattern: 'b', until: until() });
    const listed = async () =>
      (await Array.fromAsync(listRevocations(deps())))
        .filter(({ subject }) => subject === 'fay')
        .map(({ pattern }) => pattern)
        .toSorted();

    expect(await listed()).toEqual(['a', 'b']);
    expect(await lift(deps(), 'fay', 'a')).toEqual(['a']);
    expect(await listed()).toEqual(['b']);
    expect(await lift(deps(), 'fay', 'a')).toEqual([]);
    expect(await lift(deps(), 'fay')).toEqual(['b']);
    expect((await findRevocations(deps(), 'fay'))?.patterns).toEqual(new Map());
  });

  it('ends no connection when it is lifted', async () => {
    await revoke(deps(), { subject: 'gus', pattern: 'a', until: until() });
    await revoke(deps(), { subject: 'gus', pattern: 'b', until: until() });
    await settle('catch-up');
    await open('gus=', 'gus');
    stage.closed.length = 0;

    await lift(deps(), 'gus', 'a');
    await settle('catch-up');

    expect(stage.closed).toEqual([]);
  }, 60_000);

  it('ends connections although another one is lifted before its change record is handled', async () => {
    await revoke(deps(), { subject: 'jan', pattern: 'a', until: until() });
    await open('jan=', 'jan');
    await stage.newRecords(table);
    stage.closed.length = 0;

    await revoke(deps(), { subject: 'jan', pattern: 'b', until: until() });
    await lift(deps(), 'jan', 'a');
    const { handler } = await import('../../../handlers/catch-up.ts');
    await invokeStream(handler, await stage.newRecords(table));

    expect(stage.closed).toEqual(['jan=']);
    // The next sweeps are for no other test.
    await stage.newRecords(table);
  });

  it('has a higher version than a lifted one, by whatever clock it is made', async () => {
    await revoke(deps(), { subject: 'kim', pattern: 'a', until: until() });
    const { version = Infinity } = (await findRevocations(deps(), 'kim')) ?? {};
    await lift(deps(), 'kim');
    const behind = { ...deps(), now: () => Date.now() - HOUR_MS };

    await revoke(behind, { subject: 'kim', pattern: 'b', until: until() });

    expect((await findRevocations(deps(), 'kim'))?.version).toBeGreaterThan(version);
  });

  it('keeps its version for as long as a connection that has seen it can live', async () => {
    const end = until();
    await revoke(deps(), { subject: 'lea', pattern: 'a', until: end });
    const expiry = async () => {
      const [row] = await scan(stage.engine, table, (each) => each['connectionId']?.S === '@revoked#lea');
      return Number(row?.['expiresAt']?.N);
    };

    expect(await expiry()).toBeGreaterThanOrEqual(end / 1_000 + STORE_BOUNDS.CONNECTION_SECONDS);
    await lift(deps(), 'lea');
    expect(await expiry()).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1_000) + STORE_BOUNDS.CONNECTION_SECONDS);
  });

  it('ends a connection that had no records when it was swept, once it subscribes again; not one that was let in under it', async () => {
    const [old, young] = ['mia-old=', 'mia-new='];
    await revoke(deps(), { subject: 'mia', pattern: '*', until: until() });
    await settle('catch-up');
    const { version = 0 } = (await findRevocations(deps(), 'mia')) ?? {};
    stage.closed.length = 0;

    // Both were let in, and their records were deleted after a false 410.
    await subscribeAgain(old, { subject: 'mia', seen: version - 1 });
    await subscribeAgain(young, { subject: 'mia', seen: version });
    await settle('catch-up');

    expect(stage.closed).toEqual([old]);
    expect([await rowsOf(old), await rowsOf(young)]).toEqual([0, 2]);
    expect(stage.received.get(old)?.at(-1)).toMatchObject({ code: 'revoked' });
  });

  it('is no member of any topic for the presence Lambda, and neither is a connection’s list', async () => {
    await settle('catch-up');
    await open('hal=', 'hal');
    await revoke(deps(), { subject: 'ida', pattern: 'a', until: until() });
    const { handler } = await import('../../../handlers/presence.ts');

    expect(await invokeStream(handler, await stage.newRecords(table))).toEqual([]);
    expect(stage.received.has('hal=')).toBe(false);
  });
});
