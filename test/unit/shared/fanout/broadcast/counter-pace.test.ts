import { broadcast } from '../../../../../shared/fanout/broadcast/broadcast.ts';
import {
  COUNTER_INTERVAL_MS,
  createCounterPace,
  PACED_COUNTERS,
} from '../../../../../shared/fanout/broadcast/counter-pace.ts';
import { createBroadcastFixture, NOW_MS } from '../../../../helpers/broadcast-fixture.ts';
import { changeRecord } from '../../../../helpers/change-records.ts';
import { TestClock } from '../../../../helpers/test-clock.ts';

const INTERVAL_MS = COUNTER_INTERVAL_MS;

/** A warm broadcast in which waiting takes time; one post writes down when it was. */
function createPacedWorld() {
  const clock = new TestClock(NOW_MS);
  const { now } = clock;
  const posts: string[] = [];
  const world = createBroadcastFixture({
    subscribers: { 'counter:a': ['x'], 'counter:b': ['x'], news: ['x'] },
    overrides: {
      now,
      pace: createCounterPace(now),
      waiting: clock.waiting(0),
      post: async (_, frame) => {
        const { type, counter = 'news', value = '' } = JSON.parse(frame) as Record<string, unknown>;
        posts.push(`${String(type)} ${String(counter)} ${String(value)} +${clock.now() - NOW_MS}`.replace('  ', ' '));
        return 'delivered';
      },
    },
  });
  let seq = 0;
  const counter = (name: string, value: number) =>
    changeRecord(seq, { topic: `counter:${name}`, seq: (seq += 1), value });
  const message = () => changeRecord(seq, { topic: 'news', seq: (seq += 1) });
  return { world, clock, posts, counter, message };
}

describe('the pace of counters', () => {
  it('lets the first change go at once, and the next when the interval is over', async () => {
    const { world, clock, posts, counter } = createPacedWorld();

    await broadcast(world, [counter('a', 1)]);
    clock.advance(10);
    await broadcast(world, [counter('a', 2), counter('a', 3)]);

    expect(posts).toEqual(['state a 1 +0', `state a 3 +${INTERVAL_MS}`]);
  });

  it('waits for nothing when the interval is over', async () => {
    const { world, clock, posts, counter } = createPacedWorld();

    await broadcast(world, [counter('a', 1)]);
    clock.advance(INTERVAL_MS);
    await broadcast(world, [counter('a', 2)]);

    expect(posts).toEqual(['state a 1 +0', `state a 2 +${INTERVAL_MS}`]);
  });

  it('keeps neither messages nor other counters waiting', async () => {
    const { world, posts, counter, message } = createPacedWorld();
    await broadcast(world, [counter('a', 1)]);

    const failedFrom = await broadcast(world, [counter('a', 2), counter('b', 1), message()]);

    expect(failedFrom).toBeUndefined();
    expect(posts.slice(1)).toEqual(['state b 1 +0', 'message news +0', `state a 2 +${INTERVAL_MS}`]);
  });

  it('costs a subscriber a bounded number of posts, however many changes there are, and ends on the last', async () => {
    const { world, clock, posts, counter } = createPacedWorld();
    const lengthMs = 1_000;
    let value = 0;
    let doneMs = NOW_MS;
    while (clock.now() < NOW_MS + lengthMs) {
      // What has gathered while the last batch was delivered: ten changes a millisecond.
      const gathered = Math.max(1, (clock.now() - doneMs) * 10);
      doneMs = clock.now();
      const records = Array.from({ length: gathered }, () => counter('a', (value += 1)));
      await broadcast(world, records);
      clock.advance(1);
    }

    expect(posts.length).toBeLessThanOrEqual(Math.ceil(lengthMs / INTERVAL_MS) + 1);
    expect(value).toBeGreaterThan(5_000);
    expect(posts.at(-1)).toMatch(new RegExp(`^state a ${value} `));
  });

  it('delivers no counter behind a change that failed', async () => {
    const { world, posts, counter, message } = createPacedWorld();
    await broadcast(world, [counter('a', 1)]);
    const listSubscribers: typeof world.listSubscribers = (topic, shards) => {
      if (topic === 'news') throw new Error('index down');
      return world.listSubscribers(topic, shards);
    };
    const [before, failing, behind] = [counter('a', 2), message(), counter('b', 1)];

    const failedFrom = await broadcast({ ...world, listSubscribers }, [before, failing, behind]);

    expect(failedFrom).toBe(failing.dynamodb?.SequenceNumber);
    expect(posts.slice(1)).toEqual([`state a 2 +${INTERVAL_MS}`]);
  });

  it('holds nothing longer when the clock is set back', async () => {
    const { world, clock, posts, counter } = createPacedWorld();
    await broadcast(world, [counter('a', 1)]);
    clock.advance(-3_600_000);
    const beforeMs = clock.now();

    await broadcast(world, [counter('a', 2)]);

    expect(clock.now() - beforeMs).toBe(INTERVAL_MS);
    expect(posts).toHaveLength(2);
  });

  it('forgets the counter that it delivered longest ago', () => {
    const pace = createCounterPace(() => NOW_MS);
    const change = (topic: string) => ({
      head: { kind: 'counter' as const, topic, epoch: 'e', seq: 1, publishedAt: NOW_MS, value: 1 },
      shards: 1,
      streamSequenceNumber: '1',
    });
    const counters = Array.from({ length: PACED_COUNTERS + 1 }, (_, i) => change(`counter:${i}`));

    pace.note(counters);

    expect(pace.part(counters).ready.map(({ head }) => head.topic)).toEqual(['counter:0']);
  });
});
