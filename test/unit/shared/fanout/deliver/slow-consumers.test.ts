import { postAll } from '../../../../../shared/fanout/deliver/post-all.ts';
import { LATE_MS, type PostDeadline, type PostOutcome } from '../../../../../shared/post/post.ts';
import { createLateness } from '../../../../../shared/fanout/deliver/lateness.ts';
import { percentile } from '../../../../../shared/percentile.ts';
import { createJumpingClock } from '../../../../helpers/test-clock.ts';

const CONNECTIONS = 100;
const MESSAGES = 600;
const PUBLISH_EVERY_MS = 50;
/** Time in ms of a post when all is well. */
const ANSWER_MS = 8;

type Stuck = 'none' | 'hangs' | 'is throttled';

interface World {
  /** The latency in ms of each message to each connection that is not stuck, from its publish. */
  readonly latenciesMs: readonly number[];
  /** The messages that each connection received, in order. */
  readonly got: ReadonlyMap<string, readonly number[]>;
}

/** Runs the lane of one topic on a separate clock. A batch is what has gathered meanwhile, as with a stream. */
async function run(stuck: Stuck): Promise<World> {
  const clock = createJumpingClock();
  const startMs = clock.now();
  const { sleep } = clock;
  const publishedMs = (message: number): number => startMs + message * PUBLISH_EVERY_MS;
  const latenciesMs: number[] = [];
  const got = new Map<string, number[]>();

  const answer = async (connectionId: string, frame: string): Promise<PostOutcome> => {
    await sleep(ANSWER_MS);
    const isStuck = stuck !== 'none' && Number(connectionId.slice(1)) % 20 === 0;
    if (isStuck && Number(frame) > 0) return 'throttled';
    got.set(connectionId, [...(got.get(connectionId) ?? []), Number(frame)]);
    latenciesMs.push(clock.now() - publishedMs(Number(frame)));
    return 'delivered';
  };
  const hang = ({ timeoutMs, onLate }: PostDeadline): Promise<PostOutcome> =>
    new Promise((resolve) => {
      const end = (): void => resolve('unanswered');
      clock.after(timeoutMs, end);
      if (timeoutMs > LATE_MS) clock.after(LATE_MS, () => onLate?.(end));
    });
  const deps = {
    post: (connectionId: string, frame: string, patience: PostDeadline): Promise<PostOutcome> =>
      stuck === 'hangs' && Number(connectionId.slice(1)) % 20 === 0 && Number(frame) > 0
        ? hang(patience)
        : answer(connectionId, frame),
    lateness: createLateness(clock.now),
    waiting: clock.waiting(),
    now: clock.now,
  };

  for (let next = 0; next < MESSAGES; ) {
    await sleep(Math.max(0, publishedMs(next) - clock.now()));
    const last = Math.min(MESSAGES - 1, Math.floor((clock.now() - startMs) / PUBLISH_EVERY_MS));
    const frames = Array.from({ length: last - next + 1 }, (_, i) => String(next + i));
    await postAll(
      deps,
      Array.from({ length: CONNECTIONS }, (_, i) => ({ connectionId: `c${i}`, connectedAt: 0, frames })),
    );
    next = last + 1;
  }
  return { latenciesMs, got };
}

const p99Of = (values: readonly number[]): number =>
  percentile(
    values.toSorted((a, b) => a - b),
    0.99,
  ) ?? Number.NaN;

describe('5 % of the connections that are stuck', () => {
  it.each(['hangs', 'is throttled'] as const)(
    'cost the others nothing when each of them %s: p99 within 1.2 times, and nothing lost or out of order',
    async (stuck) => {
      const without = await run('none');

      const world = await run(stuck);

      expect(p99Of(world.latenciesMs)).toBeLessThanOrEqual(1.2 * p99Of(without.latenciesMs));
      const all = Array.from({ length: MESSAGES }, (_, i) => i);
      for (let i = 0; i < CONNECTIONS; i += 1) if (i % 20 !== 0) expect(world.got.get(`c${i}`)).toEqual(all);
    },
  );
});
