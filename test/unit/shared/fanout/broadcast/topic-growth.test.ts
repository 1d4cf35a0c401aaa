import {
  createDeliveredMemory,
  DELIVERED_MS,
  DELIVERED_SHARDS,
} from '../../../../../shared/fanout/deliver/delivered-memory.ts';
import { createTopicGrowth, TELL_ROUTES_MS } from '../../../../../shared/fanout/broadcast/topic-growth.ts';
import { STORE_BOUNDS } from '../../../../../shared/store/bounds.ts';
import { TestClock } from '../../../../helpers/test-clock.ts';

const { SHARD_SUBSCRIPTIONS } = STORE_BOUNDS;

function createGrowth(grow?: () => Promise<never>) {
  const grown: string[] = [];
  const reported: string[] = [];
  const clock = new TestClock();
  const noteSize = createTopicGrowth({
    grow: grow ?? (async (topic, shards) => void grown.push(`${topic} ${shards}`)),
    report: ({ event, subject }) => void reported.push(`${event} ${subject}`),
    now: clock.now,
  });
  return { noteSize, grown, reported, clock };
}

describe('the growth of a topic', () => {
  it('costs nothing while one shard holds its subscribers', async () => {
    const { noteSize, grown } = createGrowth();

    await noteSize({ topic: 'small', shards: 1, subscribers: SHARD_SUBSCRIPTIONS });

    expect(grown).toEqual([]);
  });

  it('comes when they are too many, to as many shards as they need', async () => {
    const { noteSize, grown } = createGrowth();

    await noteSize({ topic: 'big', shards: 1, subscribers: SHARD_SUBSCRIPTIONS + 1 });
    await noteSize({ topic: 'big', shards: 2, subscribers: SHARD_SUBSCRIPTIONS * 7 });

    expect(grown).toEqual(['big 2', 'big 8']);
  });

  it('is told to the routes anew once in a while, so that they do not forget it', async () => {
    const { noteSize, grown, clock } = createGrowth();
    const size = { topic: 'big', shards: 4, subscribers: 10 };

    for (const ms of [0, 1, TELL_ROUTES_MS, TELL_ROUTES_MS + 1]) {
      clock.advance(ms - clock.now());
      await noteSize(size);
    }

    expect(grown).toEqual(['big 4', 'big 4']);
  });

  it('is left to the next delivery when it fails', async () => {
    const { noteSize, reported } = createGrowth(() => Promise.reject(new Error('table down')));
    const size = { topic: 'big', shards: 2, subscribers: 10 };

    await noteSize(size);
    await noteSize(size);

    expect(reported).toEqual(['grow-failed big', 'grow-failed big']);
  });
});

describe('the memory of what was delivered', () => {
  const changeOf = (seq: number, epoch = 'e1') => ({
    head: { kind: 'message' as const, topic: 't', epoch, seq, publishedAt: 0, message: '1' },
    shards: 1,
    streamSequenceNumber: '1',
  });

  it('knows a place by all that came before in this life of the topic, and no other place', () => {
    const memory = createDeliveredMemory(() => 0);

    memory.add('t#1', changeOf(5));

    expect([changeOf(4), changeOf(5), changeOf(6), changeOf(5, 'e2')].map((each) => memory.has('t#1', each))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(memory.has('t#2', changeOf(5))).toBe(false);
  });

  it('forgets when no batch is tried again any more, and the oldest when there are too many', () => {
    let nowMs = 0;
    const memory = createDeliveredMemory(() => nowMs);
    for (let i = 0; i <= DELIVERED_SHARDS; i++) memory.add(`t#${i}`, changeOf(1));

    const known = [0, 1, DELIVERED_SHARDS].map((i) => memory.has(`t#${i}`, changeOf(1)));
    nowMs = DELIVERED_MS;

    expect(known).toEqual([false, true, true]);
    expect(memory.has('t#1', changeOf(1))).toBe(false);
  });
});
