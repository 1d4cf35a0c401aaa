import { INDEX_ATTEMPTS, INDEX_PAUSE_MS } from '../../../../../shared/fanout/catch-up/answer-subscriptions.ts';
import { catchUp } from '../../../../../shared/fanout/catch-up/catch-up.ts';
import { createCatchUpWorld, headOf, NOW_MS } from '../../../../helpers/catch-up-world.ts';
import { HANDSHAKE_ATTEMPTS, HANDSHAKE_PAUSE_MS } from '../../../../../shared/fanout/catch-up/handshake-waits.ts';
import { RECOVERY_POST_MS } from '../../../../../shared/fanout/catch-up/send-recovery.ts';
import { CONNECT_GRACE_MS } from '../../../../../shared/fanout/deliver/deliver-frames.ts';
import { AVERAGED_ANSWERS, UNREAD_MS } from '../../../../../shared/fanout/deliver/lateness.ts';
import { type Post, POST_TIMEOUT_MS } from '../../../../../shared/post/post.ts';

const connection = { connectionId: 'C1=', connectedAt: NOW_MS - 60_000 };
const young = { connectionId: 'C1=', connectedAt: NOW_MS - 10 };
const subscription = { kind: 'subscription', topic: 'news' } as const;
const always = <T>(outcome: T): T[] => Array.from({ length: 999 }, () => outcome);

describe('catchUp, of a subscription', () => {
  it('looks into the index before it reads the head, then sends where the topic stands', async () => {
    const world = createCatchUpWorld();

    const outcome = await catchUp(world.deps, { ...connection, ...subscription });

    expect(outcome).toBe('delivered');
    expect(world.steps).toEqual(['index news C1=', 'head news', 'post C1= delivered']);
    expect(world.frames).toEqual([
      { type: 'subscribed', topic: 'news', epoch: 'e1', seq: 3, recovered: true, messages: [] },
    ]);
  });

  it('waits until the index shows the subscription', async () => {
    const world = createCatchUpWorld({ unindexed: 3 });

    await catchUp(world.deps, { ...connection, ...subscription });

    expect(world.steps.slice(-3)).toEqual(['index news C1=', 'head news', 'post C1= delivered']);
    expect(world.waiting.sleptMs).toEqual(Array.from({ length: 3 }, () => INDEX_PAUSE_MS));
  });

  it('goes on past the bound when the index never shows it', async () => {
    const world = createCatchUpWorld({ unindexed: Infinity });

    const outcome = await catchUp(world.deps, { ...connection, ...subscription });

    expect(outcome).toBe('delivered');
    expect(world.waiting.sleptMs).toHaveLength(INDEX_ATTEMPTS);
  });

  it('sends what was missed', async () => {
    const world = createCatchUpWorld();

    await catchUp(world.deps, { ...connection, ...subscription, position: { epoch: 'e1', seq: 1 } });

    expect(world.frames).toMatchObject([{ seq: 3, recovered: true, messages: [{ seq: 2 }, { seq: 3 }] }]);
  });

  it('tells the log what it sends', async () => {
    const world = createCatchUpWorld();

    await catchUp(world.deps, { ...connection, ...subscription, position: { epoch: 'e1', seq: 1 } });
    await catchUp(world.deps, { ...connection, ...subscription, position: { epoch: 'e0', seq: 1 } });

    expect(world.reports).toEqual([
      { topic: 'news', epoch: 'e1', seq: 3, recovered: true, messages: 2, fromSeq: 2 },
      { topic: 'news', epoch: 'e1', seq: 3, recovered: false, messages: 0 },
    ]);
  });

  it('waits for a handshake that is under way, and then goes on', async () => {
    const world = createCatchUpWorld({ answers: ['gone', 'gone'] });

    const outcome = await catchUp(world.deps, { ...young, ...subscription });

    expect(outcome).toBe('delivered');
    expect(world.frames).toHaveLength(1);
    expect(world.waiting.sleptMs).toEqual([HANDSHAKE_PAUSE_MS, HANDSHAKE_PAUSE_MS]);
  });

  it('keeps the records of a young connection that stays gone', async () => {
    const world = createCatchUpWorld({ answers: always('gone') });

    const outcome = await catchUp(world.deps, { ...young, ...subscription });

    expect(outcome).toBe('gone');
    expect(world.steps.filter((step) => step.startsWith('post'))).toHaveLength(1 + HANDSHAKE_ATTEMPTS);
    expect(world.steps).not.toContain('remove C1=');
  });

  it('removes a connection that is gone past the grace, without waiting', async () => {
    const world = createCatchUpWorld({ answers: ['gone'] });

    const outcome = await catchUp(world.deps, { ...connection, ...subscription });

    expect(outcome).toBe('gone');
    expect(world.steps.at(-1)).toBe('remove C1=');
    expect(world.waiting.sleptMs).toEqual([]);
  });

  it('removes a young one whose grace ends while it is waited for', async () => {
    const almost = { ...young, connectedAt: NOW_MS - CONNECT_GRACE_MS + 500 };
    const world = createCatchUpWorld({ answers: always('gone') });

    const outcome = await catchUp(world.deps, { ...almost, ...subscription });

    expect(outcome).toBe('gone');
    expect(world.steps.at(-1)).toBe('remove C1=');
    expect(world.waiting.sleptMs.length).toBeLessThan(HANDSHAKE_ATTEMPTS);
  });

  it.each([0, 2])('drops one that vanished at the %i. wait for the index, and reads nothing for it', async (waits) => {
    const world = createCatchUpWorld({ unindexed: Infinity, vanishesAfter: waits });

    const outcome = await catchUp(world.deps, { ...young, ...subscription });

    expect(outcome).toBe('dropped');
    expect(world.waiting.sleptMs).toHaveLength(waits);
    expect(world.steps).toEqual(Array.from({ length: waits + 1 }, () => 'index news C1='));
  });

  it('waits for a handshake only so often, for all the topics of its connection together', async () => {
    const world = createCatchUpWorld({ answers: always('gone') });

    for (const topic of ['news', 'other', 'third']) await catchUp(world.deps, { ...young, ...subscription, topic });

    expect(world.waiting.sleptMs).toHaveLength(HANDSHAKE_ATTEMPTS);
    expect(world.steps.filter((step) => step.startsWith('post'))).toHaveLength(HANDSHAKE_ATTEMPTS + 3);
  });

  it.each([0, 2])('drops one that vanished in wait %i for its handshake', async (waits) => {
    const world = createCatchUpWorld({ answers: always('gone'), vanishesAfter: waits });

    const outcome = await catchUp(world.deps, { ...young, ...subscription });

    expect(outcome).toBe('dropped');
    expect(world.waiting.sleptMs).toHaveLength(waits + 1);
    expect(world.steps).not.toContain('remove C1=');
  });

  it('sends what is left after a handshake, and nothing twice', async () => {
    const heads = { news: { ...headOf('news', 3), message: JSON.stringify('x'.repeat(20_000)) } };
    const world = createCatchUpWorld({ heads, answers: ['delivered', 'gone', 'gone'] });
    const listMessages = async () =>
      [1, 2].map((seq) => ({ ...headOf('news', seq), message: JSON.stringify('x'.repeat(20_000)) }));
    const missed = { position: { epoch: 'e1', seq: 0 } };

    const outcome = await catchUp({ ...world.deps, listMessages }, { ...young, ...subscription, ...missed });

    expect(outcome).toBe('delivered');
    expect(world.frames).toMatchObject([1, 2, 3].map((seq) => ({ type: 'subscribed', messages: [{ seq }] })));
  });

  it('retries a post that failed, and ends as failed when that stays so', async () => {
    const passing = createCatchUpWorld({ answers: ['failed'] });
    const staying = createCatchUpWorld({ answers: always('failed') });

    const first = await catchUp(passing.deps, { ...connection, ...subscription });
    const second = await catchUp(staying.deps, { ...connection, ...subscription });

    expect([first, second]).toEqual(['delivered', 'failed']);
    expect(staying.steps.filter((step) => step.startsWith('owe') || step.startsWith('remove'))).toEqual([]);
  });

  it.each(['throttled', 'unanswered'] as const)(
    'owes its answer to a connection that is %s once, and lets nobody wait for a second try',
    async (outcome) => {
      const world = createCatchUpWorld({ answers: [outcome] });

      const end = await catchUp(world.deps, { ...connection, ...subscription });

      expect(end).toBe('owed');
      expect(world.steps.slice(-2)).toEqual([`post C1= ${outcome}`, 'owe C1= news after -']);
      expect(world.waiting.sleptMs).toEqual([]);
    },
  );

  it('waits a shorter time for an answer than a broadcast does, unless all answers are slow', async () => {
    const world = createCatchUpWorld();
    const timeoutsMs: number[] = [];
    const post: Post = async (_connectionId, _frame, { timeoutMs }) => {
      timeoutsMs.push(timeoutMs);
      return 'delivered';
    };

    await catchUp({ ...world.deps, post }, { ...connection, ...subscription });
    for (let answer = 0; answer < 2 * AVERAGED_ANSWERS; answer++) world.deps.lateness.noteAnswer(100);
    await catchUp({ ...world.deps, post }, { ...connection, ...subscription });

    expect(timeoutsMs).toEqual([RECOVERY_POST_MS, POST_TIMEOUT_MS]);
  });

  it('prepares nothing for a connection that is known to be slow, and owes it the same answer', async () => {
    const world = createCatchUpWorld({ answers: always('throttled') });
    await catchUp(world.deps, { ...connection, ...subscription });
    const before = world.steps.length;

    const outcome = await catchUp(world.deps, { ...connection, ...subscription, position: { epoch: 'e1', seq: 1 } });

    expect(outcome).toBe('owed');
    expect(world.steps.slice(before)).toEqual(['owe C1= news after 1']);
  });

  it('tries a connection again some time after it was throttled', async () => {
    const world = createCatchUpWorld({ answers: ['throttled'] });
    await catchUp(world.deps, { ...connection, ...subscription });

    await world.waiting.sleep(UNREAD_MS - 1);
    const within = await catchUp(world.deps, { ...connection, ...subscription });
    await world.waiting.sleep(1);
    const after = await catchUp(world.deps, { ...connection, ...subscription });

    expect([within, after]).toEqual(['owed', 'delivered']);
  });

  it('rejects when the head cannot be read', async () => {
    const { deps } = createCatchUpWorld();
    const findHead = () => Promise.reject(new Error('table down'));

    await expect(catchUp({ ...deps, findHead }, { ...connection, ...subscription })).rejects.toThrow('table down');
  });
});
