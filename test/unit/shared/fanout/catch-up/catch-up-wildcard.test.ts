import type { PostOutcome } from '../../../../../shared/post/post.ts';
import { catchUp } from '../../../../../shared/fanout/catch-up/catch-up.ts';
import { isTooEarly, payDebt } from '../../../../../shared/fanout/catch-up/pay-debt.ts';
import { STORE_BOUNDS } from '../../../../../shared/store/bounds.ts';
import type { Debt } from '../../../../../shared/store/owed.ts';
import { createCatchUpWorld, headOf, NOW_MS } from '../../../../helpers/catch-up-world.ts';

const connection = { connectionId: 'C1=', connectedAt: NOW_MS - 60_000 };
const subscription = { ...connection, kind: 'subscription' as const, topic: 'news/*', shard: 0 };
const at = (seq: number, epoch = 'e1') => ({ epoch, seq });
const always = (outcome: PostOutcome): PostOutcome[] => Array.from({ length: 99 }, () => outcome);
const heads = { 'news/a': headOf('news/a', 3), 'news/b': headOf('news/b', 5), 'news/c': headOf('news/c', 1) };
const WILDCARD_ANSWER = { type: 'subscribed', topic: 'news/*', epoch: null, seq: 0, recovered: true };

function createWorld(script: Parameters<typeof createCatchUpWorld>[0] = {}) {
  const world = createCatchUpWorld({ heads, topics: ['news/*'], ...script });
  const debts: Debt[] = [];
  return { ...world, debts, deps: { ...world.deps, noteDebt: async (debt: Debt) => void debts.push(debt) } };
}

describe('catchUp, of a wildcard', () => {
  it('answers without a position, once the index shows it', async () => {
    const world = createWorld({ unindexed: 2 });

    expect(await catchUp(world.deps, subscription)).toBe('delivered');

    expect(world.frames).toEqual([{ ...WILDCARD_ANSWER, messages: [] }]);
    expect(world.steps.filter((step) => step.startsWith('index')).length).toBeGreaterThan(2);
  });

  it('sends first what is missing in the topics that the client names, and then its own answer', async () => {
    const world = createWorld();
    const positions = { 'news/a': at(2), 'news/b': at(5), 'news/c': at(1, 'old'), 'news/d': at(4) };

    expect(await catchUp(world.deps, { ...subscription, positions })).toBe('delivered');

    expect(world.frames).toMatchObject([
      { topic: 'news/a', wildcard: 'news/*', seq: 3, recovered: true, messages: [{ seq: 3 }] },
      { topic: 'news/c', seq: 1, recovered: false, messages: [] },
      { topic: 'news/d', epoch: null, seq: 0, recovered: false, messages: [] },
      WILDCARD_ANSWER,
    ]);
  });

  it('reads the index before the heads: a message after a head is delivered live', async () => {
    const world = createWorld({ unindexed: 1 });

    await catchUp(world.deps, { ...subscription, positions: { 'news/a': at(2) } });

    const steps = world.steps.map((step) => step.split(' ')[0]);
    expect(steps.slice(0, 3)).toEqual(['index', 'index', 'head']);
  });

  it('drops the answer when the subscription has ended', async () => {
    const world = createWorld({ unindexed: 99, vanishesAfter: 1 });

    expect(await catchUp(world.deps, subscription)).toBe('dropped');
    expect(world.frames).toEqual([]);
  });

  it('owes all answers while a broadcast may not know its root, so that no lane waits', async () => {
    const world = createWorld();
    const request = { ...subscription, isUnsettled: true, positions: { 'news/a': at(2) } };

    expect(await catchUp(world.deps, request)).toBe('owed');

    const notBeforeMs = NOW_MS + STORE_BOUNDS.WILDCARD_SETTLING_MS;
    expect(world.frames).toEqual([]);
    expect(world.waiting.sleptMs).toEqual([]);
    expect(world.debts).toEqual([{ connection, topic: 'news/*', isAsked: true, notBeforeMs }]);
  });

  it('owes the answer at once to a connection that takes nothing at present', async () => {
    const world = createWorld({ answers: always('throttled') });
    await catchUp(world.deps, subscription);
    const posts = world.steps.filter((step) => step.startsWith('post')).length;
    world.debts.length = 0;

    expect(await catchUp(world.deps, { ...subscription, positions: { 'news/a': at(2) } })).toBe('owed');

    expect(world.debts).toEqual([{ connection, topic: 'news/*', isAsked: true }]);
    expect(world.steps.filter((step) => step.startsWith('post'))).toHaveLength(posts);
  });

  it.each(['throttled', 'unanswered'] as const)('owes what is left once a post stays %s', async (outcome) => {
    const world = createWorld({ answers: ['delivered', ...always(outcome)] });
    const positions = { 'news/a': at(2), 'news/b': at(4) };

    expect(await catchUp(world.deps, { ...subscription, positions })).toBe('owed');

    expect(world.debts).toEqual([
      { connection, topic: 'news/b', position: at(4), wildcard: 'news/*' },
      { connection, topic: 'news/*', isAsked: true },
    ]);
  });

  it('compares the positions of a ping in topics under it, and looks for no head of the wildcard itself', async () => {
    const world = createWorld();
    const positions = { 'news/*': { epoch: null, seq: 0 }, 'news/a': at(1), 'news/b': at(5) };

    expect(await catchUp(world.deps, { ...connection, kind: 'ping', positions })).toBe('delivered');

    expect(world.frames).toMatchObject([{ topic: 'news/a', messages: [{ seq: 2 }, { seq: 3 }] }]);
    expect(world.steps).not.toContain('head news/*');
  });

  it('tells a client whose ping names a lost wildcard, or topics under it, to subscribe again', async () => {
    const world = createWorld({ topics: ['other/*'] });

    await catchUp(world.deps, { ...connection, kind: 'ping', positions: { 'news/*': { epoch: null, seq: 0 } } });
    await catchUp(world.deps, { ...connection, kind: 'ping', positions: { 'news/a': at(1) } });

    const refusal = { type: 'error', code: 'not-subscribed', action: 'ping' };
    expect(world.frames).toMatchObject([refusal, refusal]);
  });
});

describe('the answer to a wildcard that is owed', () => {
  const owed = { connection, topic: 'news/*', isAsked: true, stamp: 'a', sinceMs: NOW_MS, notedAtMs: NOW_MS };
  const debt = { ...owed, tryAtMs: NOW_MS, notBeforeMs: NOW_MS + 2_500 };

  it('is not sent before its time, whatever was tried before', () => {
    const tried = { ...debt, triedAtMs: NOW_MS - 5_000 };

    expect([debt, tried].map((each) => isTooEarly(each, NOW_MS + 2_499))).toEqual([true, true]);
    expect([debt, tried].map((each) => isTooEarly(each, NOW_MS + 2_500))).toEqual([false, false]);
  });

  it('is sent then, and what is missing in the topics that its client named is owed from then on', async () => {
    const world = createWorld();
    const deps = {
      ...world.deps,
      now: () => debt.notBeforeMs,
      claim: async () => debt,
      isVoid: async () => false,
      advance: async () => undefined,
      settle: async () => undefined,
      findWildcardPositions: async () => ({ 'news/a': at(2), 'news/b': at(5) }),
    };

    expect(await payDebt(deps, debt)).toBe('paid');

    expect(world.frames).toEqual([{ ...WILDCARD_ANSWER, messages: [] }]);
    expect(world.debts).toEqual([{ connection, topic: 'news/a', position: at(2), wildcard: 'news/*' }]);
  });

  it('of a topic under it names the wildcard', async () => {
    const world = createWorld();
    const missed = { ...owed, topic: 'news/a', wildcard: 'news/*', isAsked: false, position: at(2), tryAtMs: NOW_MS };
    const deps = {
      ...world.deps,
      claim: async () => missed,
      isVoid: async () => false,
      advance: async () => undefined,
      settle: async () => undefined,
      findWildcardPositions: async () => ({}),
    };

    expect(await payDebt(deps, missed)).toBe('paid');

    expect(world.frames).toMatchObject([{ topic: 'news/a', wildcard: 'news/*', messages: [{ seq: 3 }] }]);
  });
});
