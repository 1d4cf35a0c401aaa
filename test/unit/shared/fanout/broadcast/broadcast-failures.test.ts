import { BadRecordError } from '../../../../../shared/errors.ts';
import { broadcast } from '../../../../../shared/fanout/broadcast/broadcast.ts';
import { createBroadcastFixture, nameOf } from '../../../../helpers/broadcast-fixture.ts';
import { changeRecord, headImage, numberOf, recordOf } from '../../../../helpers/change-records.ts';

/** Two messages, a counter, a message of another topic, a message. */
const BATCH = [
  changeRecord(0, { topic: 'news', seq: 1 }),
  changeRecord(1, { topic: 'counter:a', seq: 1, value: 1 }),
  changeRecord(2, { topic: 'news', seq: 2 }),
  changeRecord(3, { topic: 'other', seq: 1 }),
  changeRecord(4, { topic: 'news', seq: 3 }),
];
const SUBSCRIBERS = { news: ['a'], 'counter:a': ['a'], other: ['a'] };
const poison = (place: number) =>
  recordOf(numberOf(place), { ...headImage({ topic: 'news', seq: 9 }), message: { S: '{' } });

/** The index cannot be read for this topic. */
const withoutIndexOf = (topic: string) => {
  const world = createBroadcastFixture({ subscribers: SUBSCRIBERS });
  return {
    ...world,
    listSubscribers: (asked: string, shards: number) => {
      if (asked === topic) throw new Error('index down');
      return world.listSubscribers(asked, shards);
    },
  };
};

describe('broadcast, when a step fails', () => {
  it('delivers what comes before a record that cannot be decoded, and fails from it on', async () => {
    const world = createBroadcastFixture({ subscribers: SUBSCRIBERS });

    const failedFrom = await broadcast(world, [...BATCH.slice(0, 3), poison(3), ...BATCH.slice(4)]);

    expect(failedFrom).toBe(numberOf(3));
    expect(world.delivered.get('a')?.map(nameOf)).toEqual(['news 1', 'counter:a 1', 'news 2']);
    expect(world.steps).not.toContain('archive news 3');
    expect(world.events[0]).toMatchObject({ event: 'bad-record', subject: numberOf(3) });
  });

  it('rejects when the first of several records cannot be decoded: only that makes Lambda halve the batch', async () => {
    const world = createBroadcastFixture({ subscribers: SUBSCRIBERS });

    const attempt = broadcast(world, [poison(0), ...BATCH.slice(1)]);

    await expect(attempt).rejects.toBeInstanceOf(BadRecordError);
    expect(world.steps).toEqual([]);
    expect(world.events).toMatchObject([{ event: 'bad-record', subject: numberOf(0) }]);
  });

  it('fails from a record that cannot be decoded and is alone: there is nothing to halve', async () => {
    const world = createBroadcastFixture({ subscribers: SUBSCRIBERS });

    const failedFrom = await broadcast(world, [poison(0)]);

    expect(failedFrom).toBe(numberOf(0));
    expect(world.steps).toEqual([]);
  });

  it('fails from a record that cannot be decoded behind one that is no change of a topic', async () => {
    const world = createBroadcastFixture({ subscribers: SUBSCRIBERS });

    const failedFrom = await broadcast(world, [recordOf(numberOf(0), { topic: { S: 'settings' } }), poison(1)]);

    expect(failedFrom).toBe(numberOf(1));
  });

  it('fails from the first message on that the archive did not take, whatever the topic', async () => {
    const world = createBroadcastFixture({ subscribers: SUBSCRIBERS, untaken: ['news 3', 'news 2'] });

    const failedFrom = await broadcast(world, BATCH);

    expect(failedFrom).toBe(numberOf(2));
    expect(world.delivered.get('a')?.map(nameOf)).toEqual(['news 1', 'counter:a 1']);
  });

  it('delivers none of the messages that were published at once when the archive lacks one of them', async () => {
    const world = createBroadcastFixture({ subscribers: { news: ['a'] }, untaken: ['news 3'] });

    const failedFrom = await broadcast(world, [
      changeRecord(0, { topic: 'news', seq: 1 }),
      changeRecord(1, { topic: 'news', seq: 4, messages: ['2', '3', '4'] }),
    ]);

    expect(failedFrom).toBe(numberOf(1));
    expect(world.delivered.get('a')?.map(nameOf)).toEqual(['news 1']);
  });

  it('delivers no message when the archive fails, only what comes before the first', async () => {
    const world = createBroadcastFixture({
      subscribers: SUBSCRIBERS,
      overrides: { archive: () => Promise.reject(new Error('archive down')) },
    });

    const failedFrom = await broadcast(world, BATCH.slice(1));

    expect(failedFrom).toBe(numberOf(2));
    expect(world.delivered.get('a')?.map(nameOf)).toEqual(['counter:a 1']);
    expect(world.events[0]).toMatchObject({ event: 'archive-failed' });
  });

  it('needs no archive for counters', async () => {
    const world = createBroadcastFixture({
      subscribers: SUBSCRIBERS,
      overrides: { archive: () => Promise.reject(new Error('archive down')) },
    });

    expect(await broadcast(world, BATCH.slice(1, 2))).toBeUndefined();
    expect(world.delivered.get('a')).toHaveLength(1);
  });

  it('fails from the first change of a topic on whose subscribers cannot be listed', async () => {
    const world = withoutIndexOf('other');

    const failedFrom = await broadcast(world, BATCH);

    expect(failedFrom).toBe(numberOf(3));
    expect(world.delivered.get('a')?.map(nameOf)).toEqual(['news 1', 'counter:a 1', 'news 2']);
    expect(world.events[0]).toMatchObject({ event: 'index-failed', subject: 'other' });
  });

  it('fails when a later page of the subscribers cannot be read: half a list is none', async () => {
    const world = createBroadcastFixture({
      overrides: {
        listSubscribers: async function* () {
          yield { connectionId: 'a', connectedAt: 0, batch: false };
          throw new Error('page lost');
        },
      },
    });

    const failedFrom = await broadcast(world, BATCH);

    expect(failedFrom).toBe(numberOf(0));
    expect(world.delivered.size).toBe(0);
  });

  it.each([
    ['news 2', 'other', 2],
    ['news 3', 'counter:a', 1],
  ])('fails from the earliest on of %s not archived and %s not listed', async (untaken, unlisted, place) => {
    const world = createBroadcastFixture({ subscribers: SUBSCRIBERS, untaken: [untaken] });
    const listSubscribers = (topic: string, shards: number) => {
      if (topic === unlisted) throw new Error('index down');
      return world.listSubscribers(topic, shards);
    };

    const failedFrom = await broadcast({ ...world, listSubscribers }, [...BATCH, poison(5)]);

    expect(failedFrom).toBe(numberOf(place));
    expect(world.delivered.get('a')).toHaveLength(place);
  });

  it('fails the whole batch when nobody at all could be reached', async () => {
    const failures = Array.from({ length: 20 }, () => 'failed' as const);
    const world = createBroadcastFixture({
      subscribers: { ...SUBSCRIBERS, news: ['a', 'b'] },
      answers: { a: failures, b: failures },
    });

    const failedFrom = await broadcast(world, BATCH);

    expect(failedFrom).toBe(numberOf(0));
    expect(world.events).toContainEqual({ event: 'callback-down', connections: 2 });
    expect(world.steps.filter((step) => step.startsWith('remove'))).toEqual([]);
  });

  it('does not fail the batch for some who could not be reached', async () => {
    const world = createBroadcastFixture({
      subscribers: { news: ['a', 'b'] },
      answers: { a: Array.from({ length: 20 }, () => 'failed' as const) },
    });

    expect(await broadcast(world, BATCH)).toBeUndefined();
    expect(world.delivered.get('b')).toHaveLength(3);
  });

  it('takes a failed batch again: what was delivered before comes before, and nothing is skipped', async () => {
    const first = createBroadcastFixture({ subscribers: SUBSCRIBERS, untaken: ['news 2'] });
    const failedFrom = await broadcast(first, BATCH);
    const rest = BATCH.slice(BATCH.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failedFrom));
    const second = createBroadcastFixture({ subscribers: SUBSCRIBERS });

    await broadcast(second, rest);

    const got = [...(first.delivered.get('a') ?? []), ...(second.delivered.get('a') ?? [])];
    expect(got.map(nameOf)).toEqual(['news 1', 'counter:a 1', 'news 2', 'other 1', 'news 3']);
  });
});
