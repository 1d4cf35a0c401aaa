import type { PostAllDeps } from '../../shared/fanout/deliver/post-all.ts';
import type { Delivery } from '../../shared/fanout/deliver/outcomes.ts';
import type { Post, PostOutcome } from '../../shared/post/post.ts';
import { createLateness } from '../../shared/fanout/deliver/lateness.ts';
import { createFakeWaiting } from './fake-waiting.ts';

export interface FakeDelivery extends PostAllDeps {
  readonly waiting: ReturnType<typeof createFakeWaiting>;
  /** Every post, in order: `c0 1`. */
  readonly posts: string[];
  /** The deadline of each post, in the same order. */
  readonly timeoutsMs: number[];
  /** After how long each counts as late. */
  readonly latesMs: (number | undefined)[];
  /** Moves the clock, which stands still otherwise. */
  readonly pass: (ms: number) => void;
}

/** What `deliver` needs, around a post that answers as the test says; it keeps what was posted. */
export function createFakeDelivery(
  answer: (connectionId: string, frame: string) => PostOutcome | Promise<PostOutcome>,
  random = 1,
): FakeDelivery {
  const posts: string[] = [];
  const timeoutsMs: number[] = [];
  const latesMs: (number | undefined)[] = [];
  let nowMs = 0;
  const now = (): number => nowMs;
  const post: Post = async (connectionId, frame, { timeoutMs, lateMs }) => {
    posts.push(`${connectionId} ${frame}`);
    timeoutsMs.push(timeoutMs);
    latesMs.push(lateMs);
    return answer(connectionId, frame);
  };
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return {
    post,
    posts,
    timeoutsMs,
    latesMs,
    pass,
    now,
    lateness: createLateness(now),
    waiting: createFakeWaiting(random),
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
