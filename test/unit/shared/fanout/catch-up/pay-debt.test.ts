import { DEBT_ATTEMPTS, payDebt, type PayDebtDeps } from '../../../../../shared/fanout/catch-up/pay-debt.ts';
import { CONNECT_GRACE_MS } from '../../../../../shared/fanout/deliver/deliver-frames.ts';
import type { PostOutcome } from '../../../../../shared/post/post.ts';
import { createCatchUpWorld, NOW_MS } from '../../../../helpers/catch-up-world.ts';

const connection = { connectionId: 'C1=', connectedAt: NOW_MS - CONNECT_GRACE_MS - 1 };
const debt = { connection, topic: 'news', position: { epoch: 'e1', seq: 1 }, attempts: 0 };

function createWorld(answers: PostOutcome[] = []) {
  const world = createCatchUpWorld({ answers });
  const deps: PayDebtDeps = {
    ...world.deps,
    countAttempt: async ({ attempts }) => void world.steps.push(`count ${attempts}`),
    settle: async ({ attempts }) => void world.steps.push(`settle ${attempts}`),
  };
  return { ...world, deps };
}

const always = (outcome: PostOutcome): PostOutcome[] => Array.from({ length: 100 }, () => outcome);

describe('a catch-up that a connection is owed', () => {
  it('is sent from the first missed message on, and settled', async () => {
    const world = createWorld();

    expect(await payDebt(world.deps, debt)).toBe('paid');

    expect(world.frames).toMatchObject([
      { type: 'subscribed', topic: 'news', seq: 3, messages: [{ seq: 2 }, { seq: 3 }] },
    ]);
    expect(world.steps.at(-1)).toBe('settle 0');
  });

  it.each(['throttled', 'unanswered', 'failed'] as const)('comes again while its connection is %s', async (outcome) => {
    const world = createWorld(always(outcome));

    expect(await payDebt(world.deps, debt)).toBe('again');

    expect(world.steps.at(-1)).toBe('count 0');
  });

  it('is tried ever more rarely, and once more at its end', async () => {
    const tried: number[] = [];
    for (let attempts = 0; attempts < DEBT_ATTEMPTS; attempts += 1) {
      const world = createWorld(always('throttled'));
      await payDebt(world.deps, { ...debt, attempts });
      if (world.steps.some((step) => step.startsWith('post'))) tried.push(attempts);
    }

    expect(tried).toEqual([0, 1, 2, 4, 8, 16, 32, DEBT_ATTEMPTS - 1]);
  });

  it('is given up after its last try, and costs nothing more', async () => {
    const world = createWorld(always('throttled'));

    expect(await payDebt(world.deps, { ...debt, attempts: DEBT_ATTEMPTS - 1 })).toBe('given-up');

    expect(world.steps.at(-1)).toBe(`settle ${DEBT_ATTEMPTS - 1}`);
  });

  it('ends with the connection, whose records are deleted', async () => {
    const world = createWorld(['gone']);

    expect(await payDebt(world.deps, debt)).toBe('gone');

    expect(world.steps.at(-1)).toBe('remove C1=');
  });

  it('leaves a connection alone whose handshake may be in flight', async () => {
    const world = createWorld(['gone']);

    await payDebt(world.deps, { ...debt, connection: { ...connection, connectedAt: NOW_MS } });

    expect(world.steps).not.toContain('remove C1=');
  });
});
