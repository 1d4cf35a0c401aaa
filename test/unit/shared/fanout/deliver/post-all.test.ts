import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  postAll,
  DELIVERY_MS,
  RETRY_CONNECTIONS,
  RETRY_ROUNDS,
  ROUNDS_MS,
} from '../../../../../shared/fanout/deliver/post-all.ts';
import { POST_CONCURRENCY, type PostOutcome } from '../../../../../shared/post/post.ts';
import { createFakeDelivery, deliveryOf, manyOf, scripted } from '../../../../helpers/fake-delivery.ts';

describe('deliver', () => {
  it('posts the frames of a connection in order, and counts what reached it', async () => {
    const deps = createFakeDelivery(scripted({}));

    const results = await postAll(deps, [deliveryOf('a', ['1', '2', '3'])]);

    expect(deps.posts).toEqual(['a 1', 'a 2', 'a 3']);
    expect(results).toMatchObject([{ outcome: 'delivered', frames: 3 }]);
  });

  it('gives everyone the first try before anyone is tried again', async () => {
    const deps = createFakeDelivery(scripted({ a: ['throttled'], c: ['failed'] }));

    await postAll(
      deps,
      ['a', 'b', 'c', 'd'].map((id) => deliveryOf(id)),
    );

    expect(deps.posts).toEqual(['a 1', 'b 1', 'c 1', 'd 1', 'a 1', 'c 1']);
  });

  it('goes on with the frame that was not taken', async () => {
    const deps = createFakeDelivery(scripted({ a: ['delivered', 'throttled', 'failed'] }));

    const results = await postAll(deps, [deliveryOf('a', ['1', '2', '3'])]);

    expect(deps.posts).toEqual(['a 1', 'a 2', 'a 2', 'a 2', 'a 3']);
    expect(results).toMatchObject([{ outcome: 'delivered', frames: 3 }]);
  });

  it('does not try a gone connection again', async () => {
    const deps = createFakeDelivery(scripted({ a: ['delivered', 'gone'] }));

    const results = await postAll(deps, [deliveryOf('a', ['1', '2', '3'])]);

    expect(deps.posts).toEqual(['a 1', 'a 2']);
    expect(results).toMatchObject([{ outcome: 'gone', frames: 1 }]);
  });

  it.each([
    ['throttled', [100, 200, 400, 400]],
    ['failed', [100, 200, 400, 400]],
    // The deadline of each try was wait enough.
    ['unanswered', []],
  ] as const)('leaves a connection that stays %s after its rounds, which are %j ms apart', async (outcome, apartMs) => {
    const deps = createFakeDelivery(scripted({ a: Array.from({ length: 99 }, () => outcome) }));

    const results = await postAll(deps, [deliveryOf('a')]);

    expect(results).toMatchObject([{ outcome, frames: 0 }]);
    expect(deps.posts).toHaveLength(1 + RETRY_ROUNDS);
    expect(deps.waiting.sleptMs).toEqual(apartMs);
  });

  it('keeps only so many connections in the retry rounds', async () => {
    const extra = 10;
    const deps = createFakeDelivery(() => 'throttled');

    const results = await postAll(deps, manyOf(RETRY_CONNECTIONS + extra));

    expect(deps.posts).toHaveLength(extra + RETRY_CONNECTIONS * (1 + RETRY_ROUNDS));
    expect(results).toHaveLength(RETRY_CONNECTIONS + extra);
  });

  it('posts to as many connections at once as its bound allows, and no more', async () => {
    const flight = { now: 0, most: 0 };
    const post = async (): Promise<PostOutcome> => {
      flight.now += 1;
      flight.most = Math.max(flight.most, flight.now);
      await nextTurn();
      flight.now -= 1;
      return 'delivered';
    };

    const results = await postAll(createFakeDelivery(post), manyOf(300));

    expect(flight.most).toBe(POST_CONCURRENCY);
    expect(results).toHaveLength(300);
  });

  it('lets others have theirs while one connection hangs', async () => {
    const others: string[] = [];
    let release: (outcome: PostOutcome) => void = () => undefined;
    const hanging = new Promise<PostOutcome>((resolve) => {
      release = resolve;
    });
    const post = async (connectionId: string): Promise<PostOutcome> => {
      if (connectionId === 'c0') return hanging;
      others.push(connectionId);
      if (others.length === 200) release('gone');
      return 'delivered';
    };

    const results = await postAll(createFakeDelivery(post), manyOf(201));

    expect(results.filter(({ outcome }) => outcome === 'delivered')).toHaveLength(200);
  });

  it('leaves out a frame that is refused for itself, and goes on behind it', async () => {
    const deps = createFakeDelivery((_, frame) => (frame === '2' ? 'refused' : 'delivered'));

    const results = await postAll(deps, [deliveryOf('a', ['1', '2', '3'])]);

    expect(deps.posts).toEqual(['a 1', 'a 2', 'a 3']);
    expect(results).toMatchObject([{ outcome: 'delivered', frames: 3 }]);
  });

  it('begins no further round when the time of the rounds is up', async () => {
    const deps = createFakeDelivery(() => {
      deps.pass(ROUNDS_MS / 2);
      return 'throttled';
    });

    await postAll(deps, [deliveryOf('a')]);

    expect(deps.posts).toHaveLength(2);
  });

  it('skips whom there is no time for, and posts to none of them', async () => {
    const deps = createFakeDelivery(() => {
      if (deps.posts.length === 10) deps.pass(DELIVERY_MS);
      return 'delivered';
    });

    const results = await postAll(deps, manyOf(200));

    const skipped = results.filter(({ outcome }) => outcome === 'skipped');
    expect(deps.posts.length + skipped.length).toBe(200);
    expect(deps.posts.length).toBeLessThanOrEqual(POST_CONCURRENCY + 10);
    expect(skipped.every(({ frames }) => frames === 0)).toBe(true);
  });

  it('has nothing to do for nobody', async () => {
    expect(await postAll(createFakeDelivery(scripted({})), [])).toEqual([]);
  });
});
