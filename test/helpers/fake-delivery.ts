import type { PostAllDeps } from '../../shared/fanout/deliver/post-all.ts';
import type { Delivery } from '../../shared/fanout/deliver/outcomes.ts';
import type { Post, PostOutcome } from '../../shared/post/post.ts';
import { createLateness } from '../../shared/fanout/deliver/lateness.ts';
import { TestClock, type TestWaiting } from './test-clock.ts';

export interface FakeDelivery extends PostAllDeps {
  readonly waiting: TestWaiting;
  /** Every post, in order: `c0 1`. */
  readonly posts: string[];
  /** The deadline of each post, in the same order. */
  readonly timeoutsMs: number[];
  /** Time in ms after which each post counts as late, in the same order. */
  readonly latesMs: (number | undefined)[];
  /** Moves the clock, which only the waits of the deliveries move otherwise. */
  readonly pass: (ms: number) => void;
}

/** Creates what `postAll` needs, around a post that answers as the test says. Every post is noted. */
export function createFakeDelivery(
  answer: (connectionId: string, frame: string) => PostOutcome | Promise<PostOutcome>,
  random = 1,
): FakeDelivery {
  const posts: string[] = [];
  const timeoutsMs: number[] = [];
  const latesMs: (number | undefined)[] = [];
  const clock = new TestClock();
  const post: Post = async (connectionId, frame, { timeoutMs, lateMs }) => {
    posts.push(`${connectionId} ${frame}`);
    timeoutsMs.push(timeoutMs);
    latesMs.push(lateMs);
    return answer(connectionId, frame);
  };
  return {
    post,
    posts,
    timeoutsMs,
    latesMs,
    pass: clock.advance,
    now: clock.now,
    lateness: createLateness(clock.now),
    waiting: clock.waiting(random),
  };
}

/** Answers by a script: what each connection answers, in order; delivered after its end. */
export const scripted =
  (script: Readonly<Record<string, PostOutcome[]>>) =>
  (connectionId: string): PostOutcome =>
    script[connectionId]?.shift() ?? 'delivered';

export const deliveryOf = (connectionId: string, frames: readonly string[] = ['1']): Delivery => ({
  connectionId,
  connectedAt: 0,
  frames,
});

/** Deliveries to `c0`, `c1` and so on. */
export const manyOf = (count: number): Delivery[] => Array.from({ length: count }, (_, i) => deliveryOf(`c${i}`));
