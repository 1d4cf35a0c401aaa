import { postAll, RETRY_ROUNDS } from '../../../../../shared/fanout/deliver/post-all.ts';
import { LATE_MS, type Post, POST_TIMEOUT_MS, type PostOutcome } from '../../../../../shared/post/post.ts';
import { createLateness } from '../../../../../shared/fanout/deliver/lateness.ts';
import type { DeliveryResult } from '../../../../../shared/fanout/deliver/outcomes.ts';
import { createFakeDelivery, deliveryOf, type FakeDelivery, manyOf } from '../../../../helpers/fake-delivery.ts';
import {
  AVERAGED_ANSWERS,
  LATE_CAP_MS,
  LATE_FACTOR,
  SILENT_MS,
  SILENT_POST_TIMEOUT_MS,
  SLOW_CONNECTIONS,
  SLOW_MS,
  SLOW_POST_TIMEOUT_MS,
  SLOW_REST_MS,
} from '../../../../../shared/fanout/deliver/lateness.ts';

const THREE = ['slow', 'b', 'c'].map((id) => deliveryOf(id));

/** The result of a delivery to a connection. */
const resultOf = (connectionId: string, outcome: PostOutcome): DeliveryResult => ({
  delivery: deliveryOf(connectionId),
  outcome,
  frames: 0,
});

/** A world in which `slow` answers like this while `isSlow` holds. */
function createSlowWorld(outcome: PostOutcome): FakeDelivery & { recover: () => void } {
  let isSlow = true;
  const fake = createFakeDelivery((connectionId) => (isSlow && connectionId === 'slow' ? outcome : 'delivered'));
  return {
    ...fake,
    recover: () => {
      isSlow = false;
    },
  };
}

/** The posts of one more delivery to all three. */
async function postsOf(world: FakeDelivery): Promise<string[]> {
  const before = world.posts.length;
  await postAll(world, THREE);
  return world.posts.slice(before).map((post) => post.split(' ')[0] ?? '');
}

describe('a connection that used up its rounds', () => {
  it('is then posted to last, and once', async () => {
    const world = createSlowWorld('throttled');

    const first = await postsOf(world);
    const second = await postsOf(world);

    expect(first).toEqual(['slow', 'b', 'c', ...Array.from({ length: RETRY_ROUNDS }, () => 'slow')]);
    expect(second).toEqual(['b', 'c', 'slow']);
    expect(world.timeoutsMs.slice(-3)).toEqual([POST_TIMEOUT_MS, POST_TIMEOUT_MS, SLOW_POST_TIMEOUT_MS]);
  });

  it('is tried beside the others when it did not even answer, and left in peace for ever longer when that lasts', async () => {
    const world = createSlowWorld('unanswered');
    const isTried = async (afterMs: number): Promise<boolean> => {
      world.pass(afterMs);
      return (await postsOf(world)).includes('slow');
    };

    expect((await postsOf(world)).filter((id) => id === 'slow')).toHaveLength(1 + RETRY_ROUNDS);
    // A moment's silence may be the machine's doing, however many posts it meets.
    expect([await isTried(0), await isTried(0), await isTried(SILENT_MS - 1)]).toEqual([true, true, true]);
    expect(world.timeoutsMs.at(-1)).toBe(SILENT_POST_TIMEOUT_MS);
    expect([await isTried(1), await isTried(SLOW_REST_MS - 1)]).toEqual([true, false]);
    expect([await isTried(1), await isTried(2 * SLOW_REST_MS - 1), await isTried(1)]).toEqual([true, false, true]);
  });

  it('has no rest behind it once it took something', async () => {
    const world = createSlowWorld('unanswered');
    await postsOf(world);
    world.pass(SILENT_MS);
    world.lateness.noteResult(resultOf('slow', 'delivered'));
    await postsOf(world);

    expect((await postsOf(world)).includes('slow')).toBe(true);
  });

  it('is tried all the same where nobody would wait for it', async () => {
    const world = createSlowWorld('unanswered');
    await postsOf(world);
    const before = world.posts.length;

    const results = await postAll(world, [deliveryOf('slow')]);

    expect(world.posts.slice(before)).toEqual(['slow 1']);
    expect(world.timeoutsMs.at(-1)).toBe(SLOW_POST_TIMEOUT_MS);
    expect(results).toMatchObject([{ outcome: 'throttled', frames: 0 }]);
  });

  it("is like any other when the failures were the endpoint's own", async () => {
    const world = createSlowWorld('failed');
    await postsOf(world);

    expect((await postsOf(world))[0]).toBe('slow');
  });

  it('is like any other again as soon as it takes something', async () => {
    const world = createSlowWorld('throttled');
    await postsOf(world);
    world.recover();

    const taken = await postsOf(world);
    const after = await postsOf(world);

    expect([taken, after]).toEqual([
      ['b', 'c', 'slow'],
      ['slow', 'b', 'c'],
    ]);
  });

  it('is tried like any other when it has not been posted to for a while', async () => {
    const world = createSlowWorld('throttled');
    await postsOf(world);
    world.pass(SLOW_MS - 1);
    const within = world.lateness.paceOf('slow');
    world.pass(1);

    const after = await postsOf(world);

    expect(within).toBe('throttled');
    expect(after.filter((id) => id === 'slow')).toHaveLength(1 + RETRY_ROUNDS);
  });

  it('is remembered also where many do not answer', async () => {
    const silent = 60;
    const world = createFakeDelivery((id) => (Number(id.slice(1)) < silent ? 'unanswered' : 'delivered'));

    await postAll(world, manyOf(silent + 1));

    expect(manyOf(silent).filter(({ connectionId }) => world.lateness.paceOf(connectionId) === 'prompt')).toEqual([]);
  });
});

describe('late', () => {
  /** Returns a memory that has seen a number of answers of one duration. */
  const afterAnswers = (count: number, tookMs: number) => {
    const slow = createLateness(() => 0);
    for (let i = 0; i < count; i += 1) slow.noteAnswer(tookMs);
    return slow;
  };

  it('is what takes longer than the bound where answers come soon', () => {
    expect(afterAnswers(AVERAGED_ANSWERS * 10, LATE_MS / LATE_FACTOR / 2).lateMs()).toBe(LATE_MS);
  });

  it('is what takes several times longer than the others where all are slow', () => {
    expect(afterAnswers(AVERAGED_ANSWERS * 10, 50).lateMs()).toBeCloseTo(50 * LATE_FACTOR, 0);
  });

  it('is hardly changed by one slow answer, nor by a clock that jumps, and never more than its cap', () => {
    expect(afterAnswers(1, POST_TIMEOUT_MS).lateMs()).toBeLessThan(2 * LATE_MS);
    expect(afterAnswers(1, 3_600_000).lateMs()).toBeLessThan(2 * LATE_MS);
    expect(afterAnswers(AVERAGED_ANSWERS * 10, POST_TIMEOUT_MS).lateMs()).toBe(LATE_CAP_MS);
  });

  it('is forgotten when nobody was posted to for a while', () => {
    let nowMs = 0;
    const slow = createLateness(() => nowMs);
    for (let i = 0; i < AVERAGED_ANSWERS * 10; i += 1) slow.noteAnswer(50);
    nowMs += SLOW_MS + 1;

    slow.noteAnswer(1);

    expect(slow.lateMs()).toBe(LATE_MS);
  });

  it('is told to each post', async () => {
    const world = createFakeDelivery(() => 'delivered');
    for (let i = 0; i < AVERAGED_ANSWERS * 10; i += 1) world.lateness.noteAnswer(50);
    const lateMs = world.lateness.lateMs();

    await postAll(world, THREE);

    expect(lateMs).toBeGreaterThan(3 * LATE_MS);
    expect(world.latesMs).toEqual(THREE.map(() => lateMs));
  });

  it('is learnt from those who answer, and gives those who are known to be slow as much more time', async () => {
    const world = createSlowWorld('throttled');
    const answers = { ...world, post: slowly(world, 50) };
    for (let i = 0; i < AVERAGED_ANSWERS; i += 1) await postAll(answers, THREE);

    await postAll(answers, THREE);

    const lateMs = answers.lateness.lateMs();
    expect(lateMs).toBeGreaterThan(3 * LATE_MS);
    expect(world.timeoutsMs.at(-1)).toBeCloseTo(lateMs, -2);
  });

  it('is not learnt from those who do not answer', async () => {
    const world = createSlowWorld('unanswered');

    await postAll({ ...world, post: slowly(world, 900) }, [deliveryOf('slow')]);

    expect(world.lateness.lateMs()).toBe(LATE_MS);
  });
});

/** The post of a world in which each answer takes a while. */
const slowly =
  ({ post, pass }: FakeDelivery, tookMs: number): Post =>
  async (...call) => {
    pass(tookMs);
    return post(...call);
  };

describe('the memory of slow connections', () => {
  it('is bounded: the one that was slow longest ago is forgotten', () => {
    const slow = createLateness(() => 0);
    for (let i = 0; i < SLOW_CONNECTIONS; i += 1) slow.noteResult(resultOf(`c${i}`, 'throttled'));
    // Slow anew, so it is not the oldest any more.
    slow.noteResult(resultOf('c0', 'throttled'));

    slow.noteResult(resultOf('one more', 'throttled'));

    expect(['c0', 'c1', 'c2', 'one more'].map(slow.paceOf)).toEqual(['throttled', 'prompt', 'throttled', 'throttled']);
  });
});
