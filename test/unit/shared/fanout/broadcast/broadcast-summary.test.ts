import { broadcast } from '../../../../../shared/fanout/broadcast/broadcast.ts';
import {
  type BroadcastLine,
  type BroadcastSummary,
  LOGGED_EXCLUDED,
} from '../../../../../shared/fanout/broadcast/broadcast-summary.ts';
import type { BroadcastScript } from '../../../../helpers/broadcast-fixture.ts';
import { createBroadcastFixture } from '../../../../helpers/broadcast-fixture.ts';
import { changeRecord, type HeadFields } from '../../../../helpers/change-records.ts';
import { LOGGED_CONNECTIONS } from '../../../../../shared/fanout/deliver/outcomes.ts';

/** The most that CloudWatch Logs takes in one line. */
const LINE_BYTES = 262_144;

async function summaryOf(script: BroadcastScript, heads: readonly HeadFields[]): Promise<BroadcastSummary> {
  const world = createBroadcastFixture(script);
  await broadcast(
    world,
    heads.map((head, place) => changeRecord(place, head)),
  );
  const event = world.events.find((each) => each.event === 'broadcast');
  if (event?.event !== 'broadcast') throw new Error('The broadcast reported nothing.');
  return event.summary;
}

const linesOf = async (script: BroadcastScript, heads: readonly HeadFields[]): Promise<readonly BroadcastLine[]> =>
  (await summaryOf(script, heads)).lines;

const always = <T>(outcome: T): T[] => Array.from({ length: 99 }, () => outcome);

const DOWN = Object.fromEntries(['a', 'b', 'c'].map((id) => [id, always('failed' as const)]));

describe('the log lines of a broadcast', () => {
  it('are one for a topic, however many changes it has, and none without changes', async () => {
    const subscribers = { news: ['a'], 'counter:a': ['a'], sport: ['a'] };

    const one = await linesOf({ subscribers }, [
      { topic: 'news', seq: 1 },
      { topic: 'news', seq: 2 },
    ]);
    const three = await linesOf({ subscribers }, [
      { topic: 'news', seq: 1 },
      { topic: 'counter:a', seq: 1, value: 1 },
      { topic: 'sport', seq: 4 },
      { topic: 'counter:a', seq: 2, value: 2 },
    ]);

    expect(one).toMatchObject([{ topic: 'news', firstSeq: 1, lastSeq: 2, changes: 2, batchRecords: 2, batchLines: 1 }]);
    expect(three).toMatchObject([
      { topic: 'news', changes: 1, batchRecords: 4, batchLines: 3 },
      { topic: 'counter:a', firstSeq: 1, lastSeq: 2, changes: 1, batchLines: 3 },
      { topic: 'sport', firstSeq: 4, lastSeq: 4, batchLines: 3 },
    ]);
    expect(await linesOf({ subscribers }, [])).toEqual([]);
  });

  it('are two for a topic that began a new epoch within the batch', async () => {
    const lines = await linesOf({ subscribers: { news: ['a'] } }, [
      { topic: 'news', seq: 9 },
      { topic: 'news', seq: 1, epoch: 'e2' },
    ]);

    expect(lines).toMatchObject([
      { topic: 'news', epoch: 'e1', firstSeq: 9, lastSeq: 9 },
      { topic: 'news', epoch: 'e2', firstSeq: 1, lastSeq: 1 },
    ]);
  });

  it('count and name, by outcome, whom the topic did not reach, and nobody else', async () => {
    const { lines, ...sums } = await summaryOf(
      {
        subscribers: { news: ['a', 'gone', 'full', 'b'], sport: ['full', 'a'] },
        answers: { gone: ['gone'], full: ['delivered', ...always('throttled' as const)] },
      },
      [
        { topic: 'news', seq: 1 },
        { topic: 'news', seq: 2 },
        { topic: 'sport', seq: 7 },
      ],
    );

    const partlyDelivered = [{ connectionId: 'full', taken: 1, of: 3 }];
    expect(lines).toMatchObject([
      {
        topic: 'news',
        firstSeq: 1,
        lastSeq: 2,
        subscribers: 4,
        connections: 4,
        delivered: 2,
        gone: 1,
        throttled: 1,
        failed: 0,
        undelivered: { gone: ['gone'], throttled: ['full'] },
        partlyDelivered,
      },
      {
        topic: 'sport',
        firstSeq: 7,
        lastSeq: 7,
        subscribers: 2,
        connections: 2,
        delivered: 1,
        gone: 0,
        throttled: 1,
        failed: 0,
        undelivered: { throttled: ['full'] },
        partlyDelivered,
      },
    ]);
    // A connection counts once in the sums, which are the metrics.
    expect(sums).toMatchObject({ connections: 4, delivered: 2, gone: 1, throttled: 1, failed: 0 });
  });

  it('name who asked not to get its own message back, with the seq, and do not count it', async () => {
    const lines = await linesOf({ subscribers: { news: ['a', 'b'], sport: ['a', 'b'] }, answers: { a: ['gone'] } }, [
      { topic: 'news', seq: 1, exclude: 'a' },
      { topic: 'sport', seq: 1 },
      { topic: 'sport', seq: 2, exclude: 'a' },
    ]);

    expect(lines).toMatchObject([
      { topic: 'news', connections: 1, delivered: 1, excludedPublishers: [{ seq: 1, connectionId: 'a' }] },
      { topic: 'sport', connections: 2, gone: 1, excludedPublishers: [{ seq: 2, connectionId: 'a' }] },
    ]);
    expect(lines[0]).not.toHaveProperty('undelivered');
  });

  it('say from where each topic of the batch is tried again', async () => {
    const lines = await linesOf({ subscribers: { news: ['a', 'b', 'c'], sport: ['a'] }, answers: DOWN }, [
      { topic: 'news', seq: 1 },
      { topic: 'sport', seq: 3 },
      { topic: 'news', seq: 2 },
    ]);

    expect(lines).toMatchObject([
      {
        topic: 'news',
        firstSeq: 1,
        lastSeq: 2,
        retriedFromSeq: 1,
        changes: 0,
        failed: 3,
        undelivered: { failed: ['a', 'b', 'c'] },
      },
      { topic: 'sport', firstSeq: 3, lastSeq: 3, retriedFromSeq: 3 },
    ]);
    expect(lines[0]).not.toHaveProperty('lagMs');
  });

  it('stay far below the length that a line may have, and together name no more than the bound', async () => {
    const ids = Array.from({ length: 1_000 }, (_, place) => `L0SM9cOFvHcCI${String(place).padStart(3, '0')}=`);
    const [first, second] = ['x'.repeat(128), 'y'.repeat(128)];
    const answers = Object.fromEntries(ids.map((id) => [id, ['gone' as const]]));

    const lines = await linesOf(
      { subscribers: { [first]: ids, [second]: ids }, answers },
      [first, second].flatMap((topic) =>
        Array.from({ length: LOGGED_EXCLUDED + 5 }, (_, place) => ({ topic, seq: place + 1, exclude: 'publisher=' })),
      ),
    );

    const [one, two] = lines;
    expect(lines.flatMap(({ undelivered }) => undelivered?.gone ?? [])).toHaveLength(LOGGED_CONNECTIONS);
    expect(one).toMatchObject({ gone: 1_000, unnamed: 1_000 - LOGGED_CONNECTIONS });
    expect(two).toMatchObject({ gone: 1_000, unnamed: 1_000, undelivered: {} });
    expect(one?.excludedPublishers).toHaveLength(LOGGED_EXCLUDED);
    for (const line of lines) expect(JSON.stringify(line).length).toBeLessThan(LINE_BYTES / 4);
  });
});
