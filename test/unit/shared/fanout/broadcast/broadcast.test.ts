import { broadcast } from '../../../../../shared/fanout/broadcast/broadcast.ts';
import { CONNECTED_AT, createBroadcastFixture, nameOf, NOW_MS } from '../../../../helpers/broadcast-fixture.ts';
import { changeRecord, PUBLISHED_AT, recordOf } from '../../../../helpers/change-records.ts';
import { CONNECT_GRACE_MS } from '../../../../../shared/fanout/deliver/deliver-frames.ts';

describe('broadcast', () => {
  it('lists and archives, then delivers to each subscriber in stream order', async () => {
    const world = createBroadcastFixture({ subscribers: { news: ['a', 'b'], other: ['b'] } });
    const records = [
      changeRecord(0, { topic: 'news', seq: 1 }),
      changeRecord(1, { topic: 'other', seq: 5 }),
      changeRecord(2, { topic: 'news', seq: 2 }),
    ];

    const failedFrom = await broadcast(world, records);

    expect(failedFrom).toBeUndefined();
    expect(world.steps.map((step) => step.split(' ')[0])).toEqual([
      'list',
      'list',
      'archive',
      'archive',
      'archive',
      'post',
      'post',
      'post',
      'post',
      'post',
    ]);
    expect(world.delivered.get('a')?.map(nameOf)).toEqual(['news 1', 'news 2']);
    expect(world.delivered.get('b')?.map(nameOf)).toEqual(['news 1', 'other 5', 'news 2']);
  });

  it('archives and delivers each of the messages that were published at once, in order', async () => {
    const world = createBroadcastFixture({
      subscribers: { news: ['single', { connectionId: 'batched', batch: true }] },
    });
    const records = [
      changeRecord(0, { topic: 'news', seq: 3, messages: ['1', '2', '3'] }),
      changeRecord(1, { topic: 'news', seq: 4 }),
    ];

    expect(await broadcast(world, records)).toBeUndefined();

    const seqs = [1, 2, 3, 4];
    expect(world.steps.filter((step) => step.startsWith('archive'))).toEqual(seqs.map((seq) => `archive news ${seq}`));
    expect(world.delivered.get('single')?.map(nameOf)).toEqual(seqs.map((seq) => `news ${seq}`));
    expect(world.delivered.get('batched')).toHaveLength(1);
  });

  it('sends of a counter only the last value of the batch, and archives none', async () => {
    const world = createBroadcastFixture({ subscribers: { 'counter:a': ['a'], news: ['a'] } });
    const records = [
      changeRecord(0, { topic: 'counter:a', seq: 1, value: 1 }),
      changeRecord(1, { topic: 'news', seq: 1 }),
      changeRecord(2, { topic: 'counter:a', seq: 2, value: 7 }),
    ];

    await broadcast(world, records);

    expect(world.delivered.get('a')).toMatchObject([
      { type: 'message', seq: 1 },
      { type: 'state', value: 7, seq: 2 },
    ]);
    expect(world.steps.filter((step) => step.startsWith('archive'))).toEqual(['archive news 1']);
  });

  it('does not send a message back to who asked not to get it, but to everyone else', async () => {
    const world = createBroadcastFixture({ subscribers: { news: ['sender', 'other'] } });

    await broadcast(world, [
      changeRecord(0, { topic: 'news', seq: 1, exclude: 'sender' }),
      changeRecord(1, { topic: 'news', seq: 2 }),
    ]);

    expect(world.delivered.get('sender')?.map(nameOf)).toEqual(['news 2']);
    expect(world.delivered.get('other')?.map(nameOf)).toEqual(['news 1', 'news 2']);
  });

  it('packs what is due to who asked for batching, and to nobody else', async () => {
    const world = createBroadcastFixture({
      subscribers: { news: ['single', { connectionId: 'batched', batch: true }] },
    });

    await broadcast(world, [changeRecord(0, { topic: 'news', seq: 1 }), changeRecord(1, { topic: 'news', seq: 2 })]);

    expect(world.delivered.get('single')).toHaveLength(2);
    expect(world.delivered.get('batched')).toMatchObject([{ type: 'batch', frames: [{ seq: 1 }, { seq: 2 }] }]);
  });

  it('keeps the frames of a plain subscription out of the batches of another, in their order', async () => {
    const mixed = (batch: boolean) => [{ connectionId: 'mixed', batch }];
    const world = createBroadcastFixture({ subscribers: { news: mixed(true), plain: mixed(false) } });
    const topics = ['news', 'news', 'plain', 'news', 'plain', 'news', 'news'];

    await broadcast(
      world,
      topics.map((topic, place) => changeRecord(place, { topic, seq: place + 1 })),
    );

    expect(world.delivered.get('mixed')).toMatchObject([
      { type: 'batch', frames: [{ seq: 1 }, { seq: 2 }] },
      { type: 'message', topic: 'plain', seq: 3 },
      { type: 'message', topic: 'news', seq: 4 },
      { type: 'message', topic: 'plain', seq: 5 },
      { type: 'batch', frames: [{ seq: 6 }, { seq: 7 }] },
    ]);
  });

  it('removes a gone connection, and it alone', async () => {
    const world = createBroadcastFixture({ subscribers: { news: ['a', 'gone', 'b'] }, answers: { gone: ['gone'] } });

    const failedFrom = await broadcast(world, [changeRecord(0, { topic: 'news', seq: 1, exclude: 'a' })]);

    expect(world.steps.filter((step) => step.startsWith('remove'))).toEqual(['remove gone']);
    expect([...world.delivered.keys()]).toEqual(['b']);
    expect(failedFrom).toBeUndefined();
  });

  it.each([
    ['keeps', 0, []],
    ['removes', 1, ['remove young']],
  ])('%s a gone connection %i ms past the grace of its handshake', async (_, pastMs, removed) => {
    const connectedAt = NOW_MS - CONNECT_GRACE_MS - pastMs;
    const world = createBroadcastFixture({
      subscribers: { news: [{ connectionId: 'young', connectedAt }] },
      answers: { young: ['gone'] },
    });

    await broadcast(world, [changeRecord(0, { topic: 'news', seq: 1 })]);

    expect(world.steps.filter((step) => step.startsWith('remove'))).toEqual(removed);
  });

  it('goes on when a gone connection cannot be removed, and says so', async () => {
    const world = createBroadcastFixture({
      subscribers: { news: ['gone', 'b'] },
      answers: { gone: ['gone'] },
      overrides: { removeConnection: () => Promise.reject(new Error('table down')) },
    });

    const failedFrom = await broadcast(world, [changeRecord(0, { topic: 'news', seq: 1 })]);

    expect(failedFrom).toBeUndefined();
    expect(world.events).toContainEqual(expect.objectContaining({ event: 'remove-failed', subject: 'gone' }));
  });

  it('tries a throttled connection again when the others have theirs', async () => {
    const world = createBroadcastFixture({
      subscribers: { news: ['slow', 'b', 'c'] },
      answers: { slow: ['throttled'] },
    });

    await broadcast(world, [changeRecord(0, { topic: 'news', seq: 1 })]);

    const posts = world.steps.filter((step) => step.startsWith('post')).map((step) => step.split(' ')[1]);
    expect(posts).toEqual(['slow', 'b', 'c', 'slow']);
  });

  it('leaves a connection that stays throttled: its client sees the gap', async () => {
    const world = createBroadcastFixture({
      subscribers: { news: ['slow', 'b'] },
      answers: { slow: Array.from({ length: 20 }, () => 'throttled' as const) },
    });

    const failedFrom = await broadcast(world, [changeRecord(0, { topic: 'news', seq: 1 })]);

    expect(failedFrom).toBeUndefined();
    expect(world.steps).not.toContain('remove slow');
  });

  it('skips records that are no change of a topic', async () => {
    const world = createBroadcastFixture({ subscribers: { news: ['a'] } });
    const records = [
      recordOf('1', { topic: { S: 'settings' } }),
      changeRecord(1, { topic: 'news', seq: 1 }),
      { ...changeRecord(2, { topic: 'news', seq: 2 }), eventName: 'REMOVE' as const },
    ];

    expect(await broadcast(world, records)).toBeUndefined();
    expect(world.delivered.get('a')?.map(nameOf)).toEqual(['news 1']);
  });

  it('does nothing for a topic without subscribers but archive it', async () => {
    const world = createBroadcastFixture();

    const failedFrom = await broadcast(world, [changeRecord(0, { topic: 'news', seq: 1 })]);

    expect(failedFrom).toBeUndefined();
    expect(world.steps).toEqual(['list news', 'archive news 1']);
  });

  it('reports what came of the batch', async () => {
    const world = createBroadcastFixture({
      subscribers: { news: ['a', 'gone', 'b'], 'counter:a': [{ connectionId: 'a', connectedAt: CONNECTED_AT }] },
      answers: { gone: ['gone'] },
    });

    await broadcast(world, [
      changeRecord(0, { topic: 'news', seq: 1, publishedAt: PUBLISHED_AT - 850 }),
      changeRecord(1, { topic: 'counter:a', seq: 1, value: 1 }),
      changeRecord(2, { topic: 'counter:a', seq: 2, value: 2 }),
    ]);

    expect(world.events).toMatchObject([
      {
        event: 'broadcast',
        summary: {
          connections: 3,
          delivered: 2,
          gone: 1,
          throttled: 0,
          failed: 0,
          lagMs: 1_000,
          lines: [
            { topic: 'news', epoch: 'e1', firstSeq: 1, lastSeq: 1, lagMs: 1_000, undelivered: { gone: ['gone'] } },
            { topic: 'counter:a', epoch: 'e1', firstSeq: 1, lastSeq: 2, lagMs: 150, delivered: 1 },
          ],
        },
      },
    ]);
  });
});
