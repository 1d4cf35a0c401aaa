import fc from 'fast-check';
import { BadRecordError } from '../../shared/errors.ts';
import { broadcast } from '../../shared/fanout/broadcast/broadcast.ts';
import { postAll, RETRY_ROUNDS } from '../../shared/fanout/deliver/post-all.ts';
import type { PostOutcome } from '../../shared/post/post.ts';
import { createLateness } from '../../shared/fanout/deliver/lateness.ts';
import { createBroadcastFixture, nameOf } from '../helpers/broadcast-fixture.ts';
import { changeRecord, headImage, numberOf, recordOf } from '../helpers/change-records.ts';
import { TestClock } from '../helpers/test-clock.ts';

const outcome = fc.constantFrom<PostOutcome>(
  'delivered',
  'delivered',
  'throttled',
  'failed',
  'unanswered',
  'gone',
  'refused',
);
const connections = fc.array(
  fc.record({ frames: fc.integer({ min: 0, max: 6 }), answers: fc.array(outcome, { maxLength: 12 }) }),
  { maxLength: 90 },
);

/** A frame that is refused for itself is left out; those behind it go on. */
const isDone = (outcome: PostOutcome): boolean => outcome === 'delivered' || outcome === 'refused';

interface Try {
  readonly connection: string;
  readonly frame: number;
  /** The number of failed posts to this connection before. */
  readonly round: number;
  readonly outcome: PostOutcome;
}

type Plan = readonly { readonly frames: number; readonly answers: readonly PostOutcome[] }[];

async function play(plan: Plan) {
  const tries: Try[] = [];
  const scripts = new Map(plan.map(({ answers }, i) => [`c${i}`, [...answers]]));
  const waiting = new TestClock().waiting();
  const post = async (connection: string, frame: string): Promise<PostOutcome> => {
    const outcome = scripts.get(connection)?.shift() ?? 'delivered';
    const failed = tries.filter((each) => each.connection === connection && !isDone(each.outcome));
    tries.push({ connection, frame: Number(frame), round: failed.length, outcome });
    return outcome;
  };
  const deliveries = plan.map(({ frames }, i) => ({
    connectionId: `c${i}`,
    connectedAt: 0,
    frames: Array.from({ length: frames }, (_, frame) => String(frame)),
  }));
  const now = (): number => 0;
  const results = await postAll({ post, waiting, lateness: createLateness(now), now }, deliveries);
  return { tries, results };
}

describe('postAll, with any outcome of each post', () => {
  it('sends each connection its frames in order, none skipped, none after an end', async () => {
    await fc.assert(
      fc.asyncProperty(connections, async (plan) => {
        const { tries, results } = await play(plan);

        expect(results).toHaveLength(plan.length);
        for (const { delivery, outcome, frames } of results) {
          const own = tries.filter(({ connection }) => connection === delivery.connectionId);
          let delivered = 0;
          for (const each of own) {
            expect(each.frame).toBe(delivered);
            if (isDone(each.outcome)) delivered += 1;
          }
          expect(frames).toBe(delivered);
          const last = own.at(-1)?.outcome ?? 'delivered';
          expect(outcome).toBe(isDone(last) ? 'delivered' : last);
          if (outcome === 'delivered') expect(frames).toBe(delivery.frames.length);
          expect(own.findIndex((each) => each.outcome === 'gone')).toBe(outcome === 'gone' ? own.length - 1 : -1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('tries again only in later rounds, which are bounded: nobody waits for another', async () => {
    await fc.assert(
      fc.asyncProperty(connections, async (plan) => {
        const { tries } = await play(plan);

        const rounds = tries.map(({ round }) => round);
        expect(rounds).toEqual(rounds.toSorted((a, b) => a - b));
        expect(rounds.at(-1) ?? 0).toBeLessThanOrEqual(RETRY_ROUNDS);
        // All who have anything due were tried in the first round.
        const first = new Set(tries.filter(({ round }) => round === 0).map(({ connection }) => connection));
        expect(first.size).toBe(plan.filter(({ frames }) => frames > 0).length);
      }),
      { numRuns: 300 },
    );
  });
});

const TOPICS = ['news', 'other', 'counter:a', 'counter:b'] as const;
const SUBSCRIBERS = { news: ['a', 'b'], other: ['b'], 'counter:a': ['a'], 'counter:b': ['a', 'b'] } as const;

const batch = fc.record({
  topics: fc.array(fc.constantFrom(...TOPICS), { maxLength: 25 }),
  poisonAt: fc.option(fc.nat({ max: 25 }), { nil: undefined }),
  untaken: fc.array(fc.constantFrom('news 1', 'news 3', 'other 2', 'other 4'), { maxLength: 2 }),
  unlisted: fc.option(fc.constantFrom(...TOPICS), { nil: undefined }),
});

describe('broadcast, of any batch with any failure', () => {
  it('delivers all before the failure in stream order and nothing from it on', async () => {
    await fc.assert(
      fc.asyncProperty(batch, async ({ topics, poisonAt, untaken, unlisted }) => {
        const seqs = new Map<string, number>();
        const heads = topics.map((topic) => {
          const seq = (seqs.get(topic) ?? 0) + 1;
          seqs.set(topic, seq);
          return { topic, seq, ...(topic.startsWith('counter:') ? { value: seq } : {}) };
        });
        const records = heads.map((head, place) =>
          place === poisonAt
            ? recordOf(numberOf(place), { ...headImage(head), epoch: { N: '1' } })
            : changeRecord(place, head),
        );
        const world = createBroadcastFixture({ subscribers: SUBSCRIBERS, untaken });
        const listSubscribers = (topic: string, shards: number) => {
          if (topic === unlisted) throw new Error('index down');
          return world.listSubscribers(topic, shards);
        };

        if (poisonAt === 0 && records.length > 1) {
          await expect(broadcast({ ...world, listSubscribers }, records)).rejects.toThrow(BadRecordError);
          expect(world.delivered.size).toBe(0);
          return;
        }
        const failedFrom = await broadcast({ ...world, listSubscribers }, records);

        const end = failedFrom === undefined ? records.length : records.findIndex((_, i) => numberOf(i) === failedFrom);
        const done = heads.slice(0, end);
        for (const connection of ['a', 'b'] as const) {
          const due = done.filter(({ topic }) => (SUBSCRIBERS[topic] as readonly string[]).includes(connection));
          const got = (world.delivered.get(connection) ?? []).map(nameOf);
          // Of a counter's changes some may be conflated; a message never.
          const names = due.map(({ topic, seq }) => `${topic} ${seq}`);
          expect(got).toEqual(names.filter((name) => got.includes(name)));
          expect(got.filter((name) => !name.startsWith('counter'))).toEqual(
            names.filter((name) => !name.startsWith('counter')),
          );
        }
        const isFailed = (head: { topic: string; seq: number }, place: number): boolean =>
          place === poisonAt || head.topic === unlisted || untaken.some((name) => name === `${head.topic} ${head.seq}`);
        if (!heads.some(isFailed)) expect(failedFrom).toBeUndefined();
        expect(done.filter((head, place) => head.value === undefined && isFailed(head, place))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
