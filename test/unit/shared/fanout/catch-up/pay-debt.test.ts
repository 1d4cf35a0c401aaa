import {
  DEBT_MS,
  NOTED_PAUSE_MS,
  payDebt,
  type PayDebtDeps,
  SETTLE_MS,
  TURN_MS,
} from '../../../../../shared/fanout/catch-up/pay-debt.ts';
import { CONNECT_GRACE_MS } from '../../../../../shared/fanout/deliver/deliver-frames.ts';
import type { PostOutcome } from '../../../../../shared/post/post.ts';
import type { OwedCatchUp } from '../../../../../shared/store/owed.ts';
import { createCatchUpWorld, headOf, NOW_MS } from '../../../../helpers/catch-up-world.ts';

const debt: OwedCatchUp = {
  connection: { connectionId: 'C1=', connectedAt: NOW_MS - CONNECT_GRACE_MS - 1 },
  topic: 'news',
  position: { epoch: 'e1', seq: 1 },
  stamp: 'a',
  sinceMs: NOW_MS,
  notedAtMs: NOW_MS,
  tryAtMs: NOW_MS,
};

const always = (outcome: PostOutcome): PostOutcome[] => Array.from({ length: 100 }, () => outcome);

function createWorld(answers: PostOutcome[] = [], overrides: Partial<PayDebtDeps> = {}) {
  const world = createCatchUpWorld({ answers });
  const deps: PayDebtDeps = {
    ...world.deps,
    claim: async (owed) => owed,
    isVoid: async () => false,
    advance: async (_, { position, isAsked, sinceMs, tryAtMs }) => {
      const after = (atMs?: number): string => (atMs === undefined ? '-' : `${atMs - NOW_MS}`);
      const answered = isAsked === false ? ' answered' : '';
      world.steps.push(`advance ${position?.seq ?? '-'} try ${after(tryAtMs)} since ${after(sinceMs)}${answered}`);
    },
    settle: async () => void world.steps.push('settle'),
    findWildcardPositions: async () => ({}),
    ...overrides,
  };
  return { ...world, deps };
}

describe('a catch-up that a connection is owed', () => {
  it('is sent from the first missed message on, and comes again, in case that more was missed meanwhile', async () => {
    const world = createWorld();

    expect(await payDebt(world.deps, debt)).toBe('paid');

    expect(world.frames).toMatchObject([{ type: 'subscribed', seq: 3, messages: [{ seq: 2 }, { seq: 3 }] }]);
    expect(world.steps.at(-1)).toBe('advance 3 try - since 0 answered');
  });

  it.each([
    [SETTLE_MS - 1, 'waiting'],
    [SETTLE_MS, 'settled'],
  ])('is settled once nothing is missing %i ms after its last note: %s', async (laterMs, payment) => {
    const world = createWorld([], { now: () => NOW_MS + laterMs });

    expect(await payDebt(world.deps, { ...debt, position: { epoch: 'e1', seq: 3 } })).toBe(payment);

    expect(world.frames).toEqual([]);
  });

  it.each(['throttled', 'unanswered', 'failed'] as const)('comes again while its connection is %s', async (outcome) => {
    const world = createWorld(always(outcome));

    expect(await payDebt(world.deps, debt)).toBe('untaken');

    expect(world.steps.filter((step) => step.startsWith('post'))).toHaveLength(1);
    expect(world.steps.at(-1)).toBe('advance - try 1000 since -');
  });

  it('is tried ever more rarely, and not before its time', async () => {
    const late = createWorld(always('throttled'), { now: () => NOW_MS + 10_000 });
    const early = createWorld();

    await payDebt(late.deps, debt);

    expect(late.steps.at(-1)).toBe('advance - try 20000 since -');
    expect(await payDebt(early.deps, { ...debt, tryAtMs: NOW_MS + 1 })).toBe('waiting');
    expect(early.steps).toEqual([]);
  });

  it('goes on behind the frames that were taken', async () => {
    const long = JSON.stringify('x'.repeat(20_000));
    const listMessages = async () => [2].map((seq) => ({ ...headOf('news', seq), message: long }));
    const findHead = async () => ({ ...headOf('news', 3), message: long });
    const world = createWorld(['delivered', 'throttled'], { listMessages, findHead });

    expect(await payDebt(world.deps, debt)).toBe('untaken');

    expect(world.steps.at(-1)).toBe('advance 2 try 1000 since 0');
  });

  it('is given up after a while', async () => {
    const world = createWorld(always('throttled'), { now: () => NOW_MS + DEBT_MS });

    expect(await payDebt(world.deps, debt)).toBe('given-up');

    expect(world.steps.at(-1)).toBe('settle');
  });

  it('is given up only a while after the last frame that was taken', async () => {
    const long = JSON.stringify('x'.repeat(20_000));
    const listMessages = async () => [2].map((seq) => ({ ...headOf('news', seq), message: long }));
    const findHead = async () => ({ ...headOf('news', 3), message: long });
    const now = () => NOW_MS + DEBT_MS;
    const world = createWorld(['delivered', 'throttled'], { listMessages, findHead, now });

    expect(await payDebt(world.deps, debt)).toBe('untaken');

    expect(world.steps.at(-1)).toBe(`advance 2 try ${DEBT_MS + 1_000} since ${DEBT_MS}`);
  });

  it('is the answer to a subscribe that is sent even if nothing is missing', async () => {
    const world = createWorld();

    const payment = await payDebt(world.deps, { ...debt, position: { epoch: 'e1', seq: 3 }, isAsked: true });

    expect(payment).toBe('paid');
    expect(world.frames).toMatchObject([{ type: 'subscribed', seq: 3, recovered: true, messages: [] }]);
  });

  it.each([
    [NOTED_PAUSE_MS - 1, 'waiting'],
    [NOTED_PAUSE_MS, 'paid'],
  ])('that was noted again is tried after a shorter pause, and not at once: after %i ms it is %s', async (ms, end) => {
    const world = createWorld([], { now: () => NOW_MS + ms });
    const tried = { ...debt, triedAtMs: NOW_MS, tryAtMs: NOW_MS + 16_000, notedAtMs: NOW_MS + 1 };

    expect(await payDebt(world.deps, tried)).toBe(end);
  });

  it('takes a bounded time in a turn from a connection that answers slowly', async () => {
    let nowMs = NOW_MS;
    const message = JSON.stringify('x'.repeat(20_000));
    const listMessages = async () => [2, 3, 4, 5].map((seq) => ({ ...headOf('news', seq), message }));
    const findHead = async () => ({ ...headOf('news', 6), message });
    const post = async () => {
      nowMs += TURN_MS / 2;
      return 'delivered' as const;
    };
    const world = createWorld([], { listMessages, findHead, post, now: () => nowMs });

    expect(await payDebt(world.deps, debt)).toBe('paid');

    expect(world.steps.at(-1)).toBe(`advance 3 try - since ${TURN_MS}`);
  });

  it('is void when the subscription has ended or was made anew', async () => {
    const world = createWorld([], { isVoid: async () => true });

    expect(await payDebt(world.deps, debt)).toBe('void');

    expect([world.frames, world.steps]).toEqual([[], ['settle']]);
  });

  it('ends with the connection, whose records are deleted', async () => {
    const world = createWorld(['gone']);

    expect(await payDebt(world.deps, debt)).toBe('gone');

    expect(world.steps.at(-1)).toBe('remove C1=');
  });

  it('waits for a connection whose handshake may be in flight', async () => {
    const world = createWorld(['gone']);
    const connection = { connectionId: 'C1=', connectedAt: NOW_MS };

    expect(await payDebt(world.deps, { ...debt, connection })).toBe('untaken');

    expect(world.steps).not.toContain('remove C1=');
  });
});
