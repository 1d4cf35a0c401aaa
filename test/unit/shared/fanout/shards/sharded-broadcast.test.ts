import { broadcast } from '../../../../../shared/fanout/broadcast/broadcast.ts';
import type { ShardAnswer } from '../../../../../shared/fanout/shards/shard-task.ts';
import { nameOf } from '../../../../helpers/broadcast-fixture.ts';
import { changeRecord, numberOf } from '../../../../helpers/change-records.ts';
import { createShardedFixture, type ShardedFixture } from '../../../../helpers/sharded-fixture.ts';
import {
  WORKERS_MS,
  WORKER_ATTEMPTS,
  WORKER_CONCURRENCY,
  WORKER_EVENT_BYTES,
} from '../../../../../shared/fanout/shards/deliver-by-workers.ts';

const SHARDS = { big: [['a', 'b'], ['c'], ['d'], []] };
const SUBSCRIBERS = { small: ['a', 'e'] };

const big = (place: number, seq: number, shards = 4) => changeRecord(place, { topic: 'big', seq, shards });
const small = (place: number, seq: number) => changeRecord(place, { topic: 'small', seq });
const gotBy = (world: ShardedFixture, connectionId: string) => (world.delivered.get(connectionId) ?? []).map(nameOf);

describe('broadcast, of a topic of several shards', () => {
  it('has a worker deliver each shard, and delivers a topic of one shard itself, without any', async () => {
    const world = createShardedFixture({ shards: SHARDS, subscribers: SUBSCRIBERS });

    const failedFrom = await broadcast(world, [big(0, 1), small(1, 1), big(2, 2)]);

    expect(failedFrom).toBeUndefined();
    expect(world.calls).toEqual(['big#0: 1 2', 'big#1: 1 2', 'big#2: 1 2', 'big#3: 1 2']);
    expect(world.steps.filter((step) => step.startsWith('list'))).toEqual(['list small']);
    for (const id of ['b', 'c', 'd']) expect(gotBy(world, id)).toEqual(['big 1', 'big 2']);
    expect(gotBy(world, 'e')).toEqual(['small 1']);
  });

  it('asks no worker when no topic of the batch has grown', async () => {
    const world = createShardedFixture({ subscribers: SUBSCRIBERS });

    await broadcast(world, [small(0, 1), small(1, 2)]);

    expect(world.calls).toEqual([]);
  });

  it('delivers a message to the shards that there were when it was published, and to no later one', async () => {
    const world = createShardedFixture({ shards: SHARDS });
    const grown = changeRecord(2, { topic: 'big', seq: 2, shards: 4, grownAt: 2 });

    await broadcast(world, [big(0, 1, 1), big(1, 2, 2), grown, big(3, 3)]);

    expect(world.calls).toEqual(['big#0: 1 2 3', 'big#1: 2 3', 'big#2: 3', 'big#3: 3']);
    expect(gotBy(world, 'a')).toEqual(['big 1', 'big 2', 'big 3']);
    expect(world.steps.filter((step) => step.startsWith('archive'))).toHaveLength(3);
  });

  it('sends nothing for a record that only makes the topic grow, of a counter neither', async () => {
    const world = createShardedFixture({ shards: { ...SHARDS, 'counter:a': [['a'], ['b']] } });

    await broadcast(world, [
      changeRecord(0, { topic: 'big', seq: 7, shards: 4, grownAt: 7 }),
      changeRecord(1, { topic: 'counter:a', seq: 7, value: 3, shards: 2, grownAt: 7 }),
    ]);

    expect(world.calls).toEqual([]);
    expect(world.delivered.size).toBe(0);
  });

  it('does not send a message back to who asked not to get it', async () => {
    const world = createShardedFixture({ shards: SHARDS });

    await broadcast(world, [changeRecord(0, { topic: 'big', seq: 1, shards: 4, exclude: 'c' })]);

    expect([...world.delivered.keys()].toSorted()).toEqual(['a', 'b', 'd']);
  });

  it('asks the worker of a failed shard again, alone', async () => {
    let failures = 0;
    const world = createShardedFixture({
      shards: SHARDS,
      between: (task, work) => {
        if (task.shard === 1 && (failures += 1) < WORKER_ATTEMPTS) throw new Error('killed');
        return work();
      },
    });

    const failedFrom = await broadcast(world, [big(0, 1)]);

    expect(failedFrom).toBeUndefined();
    expect(world.calls.toSorted()).toEqual(['big#0: 1', 'big#1: 1', 'big#1: 1', 'big#1: 1', 'big#2: 1', 'big#3: 1']);
    for (const id of ['a', 'b', 'c', 'd']) expect(gotBy(world, id)).toEqual(['big 1']);
    expect(world.events).toContainEqual(expect.objectContaining({ event: 'shard-failed', subject: 'big#1' }));
  });

  it('fails from what a shard lacks when its worker fails for good, and then delivers it there alone', async () => {
    let isDown = true;
    const world = createShardedFixture({
      shards: SHARDS,
      subscribers: SUBSCRIBERS,
      between: (task, work) => (isDown && task.shard === 1 ? Promise.reject(new Error('throttled')) : work()),
    });
    const records = [small(0, 1), big(1, 1), small(2, 2), big(3, 2)];

    const failedFrom = await broadcast(world, records);
    isDown = false;
    const again = await broadcast(world, records.slice(1));

    expect([failedFrom, again]).toEqual([numberOf(1), undefined]);
    expect(world.calls.slice(-1)).toEqual(['big#1: 1 2']);
    for (const id of ['b', 'c', 'd']) expect(gotBy(world, id)).toEqual(['big 1', 'big 2']);
    expect(gotBy(world, 'e')).toEqual(['small 1', 'small 2']);
  });

  it('goes on where a worker stopped, in order', async () => {
    const world = createShardedFixture({
      shards: SHARDS,
      between: async (task, work) => {
        if (task.shard !== 0 || task.frames.length < 3) return work();
        const [first] = task.frames;
        const answer = await world.sharding.invoke({ ...task, frames: first === undefined ? [] : [first] });
        return { ...answer, done: 1 };
      },
    });

    const failedFrom = await broadcast(world, [big(0, 1), big(1, 2), big(2, 3)]);

    expect(failedFrom).toBeUndefined();
    expect(gotBy(world, 'a')).toEqual(['big 1', 'big 2', 'big 3']);
  });

  it('parts what is too much for one event, in order', async () => {
    const world = createShardedFixture({ shards: { big: [['a'], ['b']] } });
    const message = JSON.stringify('x'.repeat(28_000));
    const count = Math.ceil(WORKER_EVENT_BYTES / 28_000) + 5;
    const records = Array.from({ length: count }, (_, i) =>
      changeRecord(i, { topic: 'big', seq: i + 1, shards: 2, message }),
    );

    await broadcast(world, records);

    const expected = Array.from({ length: count }, (_, i) => `big ${i + 1}`);
    expect(world.calls).toHaveLength(4);
    expect([gotBy(world, 'a'), gotBy(world, 'b')]).toEqual([expected, expected]);
  });

  it('fails from the first change on when nobody in a shard could be reached', async () => {
    const down = Array.from({ length: 100 }, () => 'failed' as const);
    const world = createShardedFixture({ shards: SHARDS, answers: { d: down } });

    const failedFrom = await broadcast(world, [big(0, 1), big(1, 2)]);

    expect(failedFrom).toBe(numberOf(0));
    expect(world.calls.filter((call) => call.startsWith('big#2'))).toHaveLength(WORKER_ATTEMPTS);
  });

  it('asks no worker any more when its time is up', async () => {
    let nowMs = 0;
    const world = createShardedFixture({
      shards: { big: Array.from({ length: 100 }, () => []) },
      between: (_, work) => {
        nowMs += WORKERS_MS;
        return work();
      },
    });

    const failedFrom = await broadcast({ ...world, now: () => nowMs }, [big(0, 1, 100)]);

    expect(failedFrom).toBe(numberOf(0));
    expect(world.calls.length).toBeLessThanOrEqual(WORKER_CONCURRENCY);
  });

  it('has no more workers at work at once than the bound', async () => {
    const count = { now: 0, most: 0 };
    const world = createShardedFixture({
      shards: { big: Array.from({ length: 200 }, () => []) },
      between: async (_, work) => {
        count.most = Math.max(count.most, (count.now += 1));
        const answer = await work();
        count.now -= 1;
        return answer;
      },
    });

    await broadcast(world, [big(0, 1, 200)]);

    expect(world.calls).toHaveLength(200);
    expect(count.most).toBe(WORKER_CONCURRENCY);
  });

  it('counts what its workers did as its own, and tells how large each topic is', async () => {
    const world = createShardedFixture({ shards: SHARDS, subscribers: SUBSCRIBERS, answers: { c: ['gone'] } });

    await broadcast(world, [big(0, 1), small(1, 1)]);

    expect(world.events.at(-1)).toMatchObject({
      event: 'broadcast',
      summary: { connections: 6, delivered: 5, gone: 1, throttled: 0, failed: 0 },
    });
    // Its worker names the one in a separate log line.
    expect(world.events.at(-1)).toMatchObject({
      summary: {
        lines: [
          { topic: 'big', subscribers: 4, connections: 4, delivered: 3, gone: 1, unnamed: 1 },
          { topic: 'small', subscribers: 2, connections: 2, delivered: 2 },
        ],
      },
    });
    expect(world.steps).toContain('remove c');
    expect(world.sizes).toEqual([
      { topic: 'big', shards: 4, subscribers: 4 },
      { topic: 'small', shards: 1, subscribers: 2 },
    ]);
  });

  it('believes no worker that it did more than it was asked to', async () => {
    const world = createShardedFixture({
      shards: SHARDS,
      between: async (_, work): Promise<ShardAnswer> => ({ ...(await work()), done: 99 }),
    });

    expect(await broadcast(world, [big(0, 1), big(1, 2)])).toBeUndefined();
  });

  it('delivers all shards itself where there are no workers, as a replay does', async () => {
    const world = createShardedFixture({ subscribers: { big: ['a', 'c'] } });

    await broadcast({ ...world, sharding: undefined }, [big(0, 1)]);

    expect(world.calls).toEqual([]);
    expect([...world.delivered.keys()]).toEqual(['a', 'c']);
  });
});
