import { broadcast } from '../../../../../shared/fanout/broadcast/broadcast.ts';
import { wildcardsOver } from '../../../../../shared/protocol/wildcard.ts';
import type { Debt } from '../../../../../shared/store/owed.ts';
import { createBroadcastFixture, nameOf, NOW_MS } from '../../../../helpers/broadcast-fixture.ts';
import { changeRecord, numberOf } from '../../../../helpers/change-records.ts';
import { createShardedFixture } from '../../../../helpers/sharded-fixture.ts';

const all = { wildcardsOver: async (topic: string) => wildcardsOver(topic) };
const news = (place: number, seq: number) => changeRecord(place, { topic: 'news/a', seq });

describe('broadcast, of a topic under wildcards', () => {
  it('delivers to the subscribers of the topic and of each wildcard over it, under the name of the topic', async () => {
    const subscribers = { 'news/a': ['own'], 'news/*': ['wide'], 'news/b/*': ['other'] };
    const world = createBroadcastFixture({ subscribers, overrides: all });

    expect(await broadcast(world, [news(0, 1), changeRecord(1, { topic: 'news/b/c', seq: 1 })])).toBeUndefined();

    expect(world.delivered.get('own')?.map(nameOf)).toEqual(['news/a 1']);
    expect(world.delivered.get('wide')?.map(nameOf)).toEqual(['news/a 1', 'news/b/c 1']);
    expect(world.delivered.get('other')?.map(nameOf)).toEqual(['news/b/c 1']);
  });

  it('delivers once to a connection with several subscriptions that reach the topic', async () => {
    const subscribers = { 'a/b/c': ['me'], 'a/*': ['me', 'you'], 'a/b/*': ['you', 'me'] };
    const world = createBroadcastFixture({ subscribers, overrides: all });

    await broadcast(world, [changeRecord(0, { topic: 'a/b/c', seq: 1 }), changeRecord(1, { topic: 'a/b/c', seq: 2 })]);

    for (const id of ['me', 'you']) expect(world.delivered.get(id)?.map(nameOf)).toEqual(['a/b/c 1', 'a/b/c 2']);
  });

  it('does not send a message back by a wildcard to a publisher that asked not to get it', async () => {
    const world = createBroadcastFixture({ subscribers: { 'news/*': ['me', 'you'] }, overrides: all });

    await broadcast(world, [changeRecord(0, { topic: 'news/a', seq: 1, exclude: 'me' })]);

    expect([...world.delivered.keys()]).toEqual(['you']);
  });

  it('delivers nothing by a wildcard to a connection whose token has ended', async () => {
    const ended = { connectionId: 'ended', tokenEnd: NOW_MS };
    const world = createBroadcastFixture({ subscribers: { 'news/*': [ended, 'you'] }, overrides: all });

    await broadcast(world, [news(0, 1)]);

    expect([...world.delivered.keys()]).toEqual(['you']);
  });

  it('lists the wildcards of no topic but those that the directory names', async () => {
    const named = { wildcardsOver: async () => ['a/b/*'] };
    const world = createBroadcastFixture({ overrides: named });

    await broadcast(world, [changeRecord(0, { topic: 'a/b/c', seq: 1 })]);

    expect(world.steps.filter((step) => step.startsWith('list'))).toEqual(['list a/b/c', 'list a/b/*']);
  });

  it('is retried, and delivers to nobody, while the directory cannot be read', async () => {
    const down = { wildcardsOver: () => Promise.reject(new Error('down')) };
    const world = createBroadcastFixture({ subscribers: { 'news/a': ['own'] }, overrides: down });

    expect(await broadcast(world, [news(0, 1)])).toBe(numberOf(0));

    expect(world.delivered.size).toBe(0);
    expect(world.events).toContainEqual(expect.objectContaining({ event: 'index-failed', subject: 'news/a' }));
  });

  it('owes what a connection misses of a topic by its wildcard', async () => {
    const debts: Debt[] = [];
    const world = createBroadcastFixture({
      subscribers: { 'news/*': ['slow'] },
      answers: { slow: Array.from({ length: 99 }, () => 'throttled' as const) },
      overrides: { ...all, noteDebts: async (some) => void debts.push(...some) },
    });

    await broadcast(world, [news(0, 1)]);

    expect(debts).toMatchObject([{ topic: 'news/a', wildcard: 'news/*', position: { seq: 0 } }]);
  });

  it('delivers a topic of several shards to wildcards itself, beside the workers, and counts both', async () => {
    const world = createShardedFixture({
      shards: { 'news/a': [['a'], ['b']] },
      subscribers: { 'news/*': ['wide', 'other'] },
      overrides: all,
    });

    await broadcast(world, [changeRecord(0, { topic: 'news/a', seq: 1, shards: 2 })]);

    expect(world.calls).toEqual(['news/a#0: 1', 'news/a#1: 1']);
    expect([...world.delivered.keys()].toSorted()).toEqual(['a', 'b', 'other', 'wide']);
    const [summary] = world.events.flatMap((event) => (event.event === 'broadcast' ? [event.summary] : []));
    expect(summary).toMatchObject({ delivered: 4, lines: [{ topic: 'news/a', subscribers: 4, delivered: 4 }] });
  });

  it('does not count the subscribers of a wildcard towards the shards of the topic', async () => {
    const world = createShardedFixture({ subscribers: { 'news/a': ['a'], 'news/*': ['b', 'c'] }, overrides: all });

    await broadcast(world, [news(0, 1)]);

    expect(world.sizes).toEqual([{ topic: 'news/a', shards: 1, subscribers: 1 }]);
  });

  it('repeats to wildcards only what they lack when a shard of the topic failed', async () => {
    const failing = new Set([1, 2, 3]);
    let call = 0;
    const world = createShardedFixture({
      shards: { 'news/a': [['a'], ['b']] },
      subscribers: { 'news/*': ['wide'] },
      overrides: all,
      between: async (task, work) => {
        if (task.shard === 1 && failing.has((call += 1))) throw new Error('killed');
        return work();
      },
    });
    const records = [changeRecord(0, { topic: 'news/a', seq: 1, shards: 2 })];

    const first = await broadcast(world, records);
    const second = await broadcast(world, records);

    expect([first, second]).toEqual([numberOf(0), undefined]);
    for (const id of ['a', 'b', 'wide']) expect(world.delivered.get(id)).toHaveLength(1);
  });
});
