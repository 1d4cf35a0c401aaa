import { setImmediate as nextTurn } from 'node:timers/promises';
import { FANOUT_BOUNDS } from '../../../../shared/fanout/bounds.ts';
import { deliver } from '../../../../shared/fanout/deliver.ts';
import type { PostOutcome } from '../../../../shared/fanout/post.ts';
import { createFakeWaiting } from '../../../helpers/fake-waiting.ts';

const deliveryOf = (connectionId: string, frames: readonly string[] = ['1']) => ({
  connectionId,
  connectedAt: 0,
  frames,
});
const manyOf = (count: number) => Array.from({ length: count }, (_, i) => deliveryOf(`c${i}`));

/** Posts by a script: what each connection answers, in order; delivered after its end. */
function scriptedPost(script: Record<string, PostOutcome[]>) {
  const posts: string[] = [];
  const post = async (connectionId: string, frame: string): Promise<PostOutcome> => {
    posts.push(`${connectionId} ${frame}`);
    return script[connectionId]?.shift() ?? 'delivered';
  };
  return { post, posts };
}

describe('deliver', () => {
  it('posts the frames of a connection in order, and counts what reached it', async () => {
    const { post, posts } = scriptedPost({});

    const results = await deliver([deliveryOf('a', ['1', '2', '3'])], post, createFakeWaiting());

    expect(posts).toEqual(['a 1', 'a 2', 'a 3']);
    expect(results).toMatchObject([{ outcome: 'delivered', frames: 3 }]);
  });

  it('gives everyone the first try before anyone is tried again', async () => {
    const { post, posts } = scriptedPost({ a: ['throttled'], c: ['failed'] });

    await deliver(
      ['a', 'b', 'c', 'd'].map((id) => deliveryOf(id)),
      post,
      createFakeWaiting(),
    );

    expect(posts).toEqual(['a 1', 'b 1', 'c 1', 'd 1', 'a 1', 'c 1']);
  });

  it('goes on with the frame that was not taken', async () => {
    const { post, posts } = scriptedPost({ a: ['delivered', 'throttled', 'failed'] });

    const results = await deliver([deliveryOf('a', ['1', '2', '3'])], post, createFakeWaiting());

    expect(posts).toEqual(['a 1', 'a 2', 'a 2', 'a 2', 'a 3']);
    expect(results).toMatchObject([{ outcome: 'delivered', frames: 3 }]);
  });

  it('does not try a gone connection again', async () => {
    const { post, posts } = scriptedPost({ a: ['delivered', 'gone'] });

    const results = await deliver([deliveryOf('a', ['1', '2', '3'])], post, createFakeWaiting());

    expect(posts).toEqual(['a 1', 'a 2']);
    expect(results).toMatchObject([{ outcome: 'gone', frames: 1 }]);
  });

  it.each(['throttled', 'failed'] as const)('leaves a connection that stays %s after its rounds', async (outcome) => {
    const { posts, post } = scriptedPost({ a: Array.from({ length: 99 }, () => outcome) });
    const waiting = createFakeWaiting(1);

    const results = await deliver([deliveryOf('a')], post, waiting);

    expect(results).toMatchObject([{ outcome, frames: 0 }]);
    expect(posts).toHaveLength(1 + FANOUT_BOUNDS.RETRY_ROUNDS);
    expect(waiting.sleptMs).toEqual([100, 200, 400, 400]);
  });

  it('keeps only so many connections in the retry rounds', async () => {
    const extra = 10;
    let posts = 0;
    const post = async (): Promise<PostOutcome> => {
      posts += 1;
      return 'throttled';
    };

    const results = await deliver(manyOf(FANOUT_BOUNDS.RETRY_CONNECTIONS + extra), post, createFakeWaiting());

    expect(posts).toBe(extra + FANOUT_BOUNDS.RETRY_CONNECTIONS * (1 + FANOUT_BOUNDS.RETRY_ROUNDS));
    expect(results).toHaveLength(FANOUT_BOUNDS.RETRY_CONNECTIONS + extra);
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

    const results = await deliver(manyOf(300), post, createFakeWaiting());

    expect(flight.most).toBe(FANOUT_BOUNDS.POST_CONCURRENCY);
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

    const results = await deliver(manyOf(201), post, createFakeWaiting());

    expect(results.filter(({ outcome }) => outcome === 'delivered')).toHaveLength(200);
  });

  it('has nothing to do for nobody', async () => {
    expect(await deliver([], scriptedPost({}).post)).toEqual([]);
  });
});
