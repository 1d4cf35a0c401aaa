import {
  postAll,
  type PostAllDeps,
  ROUNDS_MS,
  ROUNDS_SHARE_MS,
} from '../../../../../shared/fanout/deliver/post-all.ts';
import {
  LATE_POSTS,
  type PostDeadline,
  type Post,
  POST_CONCURRENCY,
  POST_TIMEOUT_MS,
  type PostOutcome,
} from '../../../../../shared/post/post.ts';
import { createFakeDelivery, deliveryOf, manyOf } from '../../../../helpers/fake-delivery.ts';

interface Hanging {
  readonly end: (outcome: PostOutcome) => void;
  /** Reports the post as late, as the real one does after LATE_MS. */
  readonly beLate: () => void;
}

/**
 * A world in which the named connections hang until the test ends their post, or `deliver` gives it up; the others
 * answer at once.
 */
function createHangingWorld(hangs: (connectionId: string, frame: string) => boolean) {
  const hanging = new Map<string, Hanging>();
  const posts: string[] = [];
  const givenUp: string[] = [];
  const post: Post = (connectionId, frame, patience) => {
    posts.push(connectionId);
    if (!hangs(connectionId, frame)) return Promise.resolve('delivered');
    return new Promise((resolve) => {
      const giveUp = (): void => {
        givenUp.push(connectionId);
        resolve('unanswered');
      };
      hanging.set(connectionId, { end: resolve, beLate: () => lateness(patience)(giveUp) });
    });
  };
  const deps: PostAllDeps = { ...createFakeDelivery(() => 'delivered'), post };
  return { deps, hanging, posts, givenUp };
}

const lateness = ({ onLate }: PostDeadline) => onLate ?? (() => undefined);

const numberOf = (connectionId: string): number => Number(connectionId.slice(1));

/** Lets everything in flight go on until it waits for the test. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets the posts that were given up stay without an answer when they are tried again. */
async function stayLate(hanging: ReadonlyMap<string, Hanging>): Promise<void> {
  await settle();
  for (const { end } of hanging.values()) end('unanswered');
}

describe('a post whose answer is late', () => {
  it('keeps nobody waiting for a place, however many are', async () => {
    const { deps, hanging, posts } = createHangingWorld((id) => numberOf(id) < POST_CONCURRENCY);
    const delivering = postAll(deps, manyOf(120));
    await settle();
    const before = posts.length;

    for (const { beLate } of hanging.values()) beLate();
    await settle();

    expect(before).toBe(POST_CONCURRENCY);
    expect(posts).toHaveLength(120);
    for (const { end } of hanging.values()) end('delivered');
    expect((await delivering).filter(({ outcome }) => outcome === 'delivered')).toHaveLength(120);
  });

  it('is waited for while others are posted to, and no longer: few late ones count as slow at once', async () => {
    const { deps, hanging, posts, givenUp } = createHangingWorld((id) => numberOf(id) < 5);
    const delivering = postAll(deps, manyOf(100));
    await settle();

    for (const { beLate } of hanging.values()) beLate();
    await stayLate(hanging);
    const results = await delivering;

    expect(givenUp).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
    expect(posts).toHaveLength(100 + 5);
    expect(results.filter(({ outcome }) => outcome === 'unanswered')).toHaveLength(5);
    expect(givenUp.filter((id) => deps.lateness.paceOf(id) === 'prompt')).toEqual([]);
  });

  it('is tried once more when the others have theirs, and what is behind it after it: a moment costs nobody anything', async () => {
    let tries = 0;
    const { deps, hanging, givenUp } = createHangingWorld((id, frame) => id === 'c0' && frame === '2' && tries++ === 0);
    const delivering = postAll(deps, [deliveryOf('c0', ['1', '2', '3']), ...manyOf(20).slice(1)]);
    await settle();

    hanging.get('c0')?.beLate();
    const results = await delivering;

    expect(givenUp).toEqual(['c0']);
    expect(results.find(({ delivery }) => delivery.connectionId === 'c0')).toMatchObject({
      outcome: 'delivered',
      frames: 3,
    });
    expect(deps.lateness.paceOf('c0')).toBe('prompt');
  });

  it('is not tried more than once more', async () => {
    const world = createFakeDelivery((id) => (id === 'c0' ? 'unanswered' : 'delivered'));

    await postAll(world, [deliveryOf('c0', ['1', '2', '3']), ...manyOf(20).slice(1)]);

    expect(world.posts.filter((each) => each.startsWith('c0 '))).toEqual(['c0 1', 'c0 1']);
  });

  it('has what it brings counted when it answers before the others are done', async () => {
    const { deps, hanging, givenUp } = createHangingWorld((id) => numberOf(id) < 2);
    const delivering = postAll(deps, manyOf(100));
    await settle();

    hanging.get('c0')?.beLate();
    hanging.get('c0')?.end('delivered');
    await settle();
    hanging.get('c1')?.beLate();
    await stayLate(hanging);
    const results = await delivering;

    expect(givenUp).toEqual(['c1']);
    expect(results.filter(({ outcome }) => outcome === 'delivered')).toHaveLength(99);
  });

  it('has its whole deadline where most are late, since it is not their doing then', async () => {
    const { deps, hanging, givenUp } = createHangingWorld((id) => numberOf(id) % 2 === 0);
    const delivering = postAll(deps, manyOf(20));
    await settle();

    for (const { beLate } of hanging.values()) beLate();
    await settle();

    expect(givenUp).toEqual([]);
    for (const { end } of hanging.values()) end('delivered');
    expect((await delivering).every(({ outcome }) => outcome === 'delivered')).toBe(true);
  });

  it('takes the place of the oldest when too many are late', async () => {
    const late = LATE_POSTS + 3;
    const { deps, hanging, givenUp } = createHangingWorld((id) => numberOf(id) >= 300 && numberOf(id) < 300 + late);
    const delivering = postAll(deps, manyOf(1_000));
    await settle();

    // The first posts hold all slots; the others get theirs as these are late.
    for (let i = 300; i < 300 + late - 3; i += 1) hanging.get(`c${i}`)?.beLate();
    await settle();
    const before = [...givenUp];
    for (const id of ['c364', 'c365', 'c366']) hanging.get(id)?.beLate();
    await settle();

    expect(before).toEqual([]);
    expect(givenUp.slice(0, 3)).toEqual(['c300', 'c301', 'c302']);
    // More than are posted to at once.
    await stayLate(hanging);
    await stayLate(hanging);
    expect((await delivering).filter(({ outcome }) => outcome === 'delivered')).toHaveLength(1_000 - late);
  });

  it('is given up at once when it comes behind a late one that did answer, and all others are done', async () => {
    const { deps, hanging, givenUp } = createHangingWorld((id, frame) => id === 'c0' && frame !== '2');
    const delivering = postAll(deps, [deliveryOf('c0', ['1', '2', '3']), ...manyOf(20).slice(1)]);
    await settle();

    hanging.get('c0')?.end('delivered');
    await settle();
    hanging.get('c0')?.beLate();
    await stayLate(hanging);
    const results = await delivering;

    expect(givenUp).toEqual(['c0']);
    expect(results.find(({ delivery }) => delivery.connectionId === 'c0')).toMatchObject({
      outcome: 'unanswered',
      frames: 2,
    });
  });
});

describe('the retry rounds', () => {
  /** Returns the time in ms that `postAll` waits in rounds when a number of 100 connections stay throttled. */
  async function waitedMs(throttled: number): Promise<number> {
    const fake = createFakeDelivery((id) => (numberOf(id) < throttled ? 'throttled' : 'delivered'));
    await postAll(fake, manyOf(100));
    return fake.now();
  }

  it('are the shorter the fewer need them: everyone waits for them with their next batch', async () => {
    expect(await waitedMs(1)).toBe(ROUNDS_SHARE_MS);
    expect(await waitedMs(10)).toBe(0.1 * ROUNDS_MS);
    expect(await waitedMs(100)).toBe(1_100);
  });

  it('give a post the less time the fewer need them', async () => {
    const fake = createFakeDelivery((id) => (numberOf(id) < 50 ? 'unanswered' : 'delivered'));

    await postAll(fake, manyOf(100));

    expect(fake.timeoutsMs.at(0)).toBe(POST_TIMEOUT_MS);
    expect(fake.timeoutsMs.at(-1)).toBe(POST_TIMEOUT_MS / 2);
  });
});
