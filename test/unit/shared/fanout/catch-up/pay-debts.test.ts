import {
  PAYING_CONCURRENCY,
  PAYING_MS,
  payDebts,
  type PayDebtsDeps,
} from '../../../../../shared/fanout/catch-up/pay-debts.ts';
import { DEBT_MS } from '../../../../../shared/fanout/catch-up/pay-debt.ts';
import type { OwedCatchUp } from '../../../../../shared/store/owed.ts';
import { createCatchUpWorld, headOf, NOW_MS } from '../../../../helpers/catch-up-world.ts';

const debtOf = (connectionId: string, topic: string, over: Partial<OwedCatchUp> = {}): OwedCatchUp => ({
  connection: { connectionId, connectedAt: 0 },
  topic,
  position: { epoch: 'e1', seq: 1 },
  stamp: 'a',
  sinceMs: NOW_MS,
  notedAtMs: NOW_MS,
  tryAtMs: NOW_MS,
  ...over,
});

function createWorld(overrides: Partial<PayDebtsDeps> = {}) {
  const topics = ['t1', 't2', 't3'];
  const world = createCatchUpWorld({ heads: Object.fromEntries(topics.map((topic) => [topic, headOf(topic, 3)])) });
  const payments: string[] = [];
  const failures: string[] = [];
  const deps: PayDebtsDeps = {
    ...world.deps,
    claim: async (owed) => owed,
    isVoid: async () => false,
    advance: async () => undefined,
    settle: async () => undefined,
    findWildcardPositions: async () => ({}),
    onPayment: ({ connection, topic }, payment) => void payments.push(`${connection.connectionId} ${topic} ${payment}`),
    onFailure: ({ topic }) => void failures.push(topic),
    ...overrides,
  };
  return { ...world, deps, payments, failures };
}

describe('the debts of one batch', () => {
  it('cost a connection that does not answer one try, whatever number of topics it is owed', async () => {
    const world = createWorld({ post: async () => 'unanswered' });

    await payDebts(world.deps, [debtOf('C1=', 't1'), debtOf('C1=', 't2'), debtOf('C1=', 't3')]);

    expect(world.payments).toEqual(['C1= t1 untaken']);
    expect(world.steps).toEqual(['head t1']);
  });

  it('are not tried while their connection pauses after a try that failed', async () => {
    const world = createWorld();
    const paused = debtOf('C1=', 't1', { triedAtMs: NOW_MS, tryAtMs: NOW_MS + 16_000 });

    await payDebts(world.deps, [debtOf('C1=', 't2'), paused, debtOf('C2=', 't2')]);

    expect(world.payments).toEqual(['C2= t2 paid']);
  });

  it('are given up together when the connection does not answer for too long', async () => {
    const world = createWorld({ post: async () => 'unanswered', now: () => NOW_MS + DEBT_MS });

    await payDebts(world.deps, [
      debtOf('C1=', 't1'),
      debtOf('C1=', 't2'),
      debtOf('C1=', 't3', { sinceMs: NOW_MS + 1 }),
    ]);

    expect(world.payments).toEqual(['C1= t1 given-up', 'C1= t2 given-up']);
  });

  it('begin no further try once the time of a batch is over, since presence waits for them', async () => {
    let nowMs = NOW_MS;
    let posts = 0;
    const post = async () => {
      posts += 1;
      nowMs += PAYING_MS / PAYING_CONCURRENCY;
      return 'unanswered' as const;
    };
    const world = createWorld({ post, now: () => nowMs });
    const records = Array.from({ length: 10 * PAYING_CONCURRENCY }, (_, i) => debtOf(`C${i}=`, 't1'));

    await payDebts(world.deps, records);

    expect(posts).toBeGreaterThanOrEqual(PAYING_CONCURRENCY);
    expect(posts).toBeLessThanOrEqual(2 * PAYING_CONCURRENCY);
  });

  it('that could not be claimed are returned, since nothing else brings them again', async () => {
    const [refused, other] = [debtOf('C1=', 't1'), debtOf('C1=', 't2')];
    const claim = async (owed: OwedCatchUp) => {
      if (owed === refused) throw new Error('table down');
      return owed;
    };
    const world = createWorld({ claim });

    expect(await payDebts(world.deps, [refused, other])).toEqual([refused]);

    expect([world.failures, world.payments]).toEqual([['t1'], ['C1= t2 paid']]);
  });

  it('are not paid by a stale record', async () => {
    const world = createWorld({ claim: async () => undefined });

    expect(await payDebts(world.deps, [debtOf('C1=', 't1')])).toEqual([]);

    expect([world.steps, world.payments]).toEqual([[], []]);
  });

  it('that fail after their claim harm no other, and come again by it', async () => {
    const isVoid = async ({ topic }: OwedCatchUp) => {
      if (topic === 't1') throw new Error('table down');
      return false;
    };
    const world = createWorld({ isVoid });

    expect(await payDebts(world.deps, [debtOf('C1=', 't1'), debtOf('C1=', 't2')])).toEqual([]);

    expect([world.failures, world.payments]).toEqual([['t1'], ['C1= t2 paid']]);
  });
});
