import { broadcast } from '../../../../../shared/fanout/broadcast/broadcast.ts';
import { type BroadcastSummary, LOGGED_TOPICS } from '../../../../../shared/fanout/broadcast/broadcast-summary.ts';
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

const always = <T>(outcome: T): T[] => Array.from({ length: 99 }, () => outcome);

describe('the log line of a broadcast', () => {
  it('names, by topic and outcome, whom it did not reach, and nobody else', async () => {
    const { topics, partly } = await summaryOf(
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

    expect(topics).toEqual([
      {
        topic: 'news',
        epoch: 'e1',
        firstSeq: 1,
        lastSeq: 2,
        subscribers: 4,
        undelivered: { gone: ['gone'], throttled: ['full'] },
      },
      { topic: 'sport', epoch: 'e1', firstSeq: 7, lastSeq: 7, subscribers: 2, undelivered: { throttled: ['full'] } },
    ]);
    expect(partly).toEqual([{ connectionId: 'full', taken: 1, of: 3 }]);
  });

  it('names who asked not to get its own message back, with the seq', async () => {
    const { topics } = await summaryOf({ subscribers: { news: ['a', 'b'] } }, [
      { topic: 'news', seq: 1 },
      { topic: 'news', seq: 2, exclude: 'a' },
    ]);

    expect(topics).toMatchObject([{ excluded: [{ seq: 2, connectionId: 'a' }] }]);
  });

  it('says what is not done and tried again, of every topic of the batch', async () => {
    const down = Object.fromEntries(['a', 'b', 'c'].map((id) => [id, always('failed' as const)]));

    const { topics } = await summaryOf({ subscribers: { news: ['a', 'b', 'c'], sport: ['a'] }, answers: down }, [
      { topic: 'news', seq: 1 },
      { topic: 'sport', seq: 3 },
      { topic: 'news', seq: 2 },
    ]);

    expect(topics).toMatchObject([
      { topic: 'news', firstSeq: 1, lastSeq: 2, undone: true, undelivered: { failed: ['a', 'b', 'c'] } },
      { topic: 'sport', firstSeq: 3, lastSeq: 3, undone: true },
    ]);
  });

  it('stays far below the length of a log line, however many there are, and counts the rest', async () => {
    const ids = Array.from({ length: 1_000 }, (_, place) => `L0SM9cOFvHcCI${String(place).padStart(3, '0')}=`);
    const names = Array.from({ length: LOGGED_TOPICS + 5 }, (_, place) => `${place}-`.padEnd(128, 'x'));
    const answers = Object.fromEntries(ids.map((id) => [id, ['gone' as const]]));

    const summary = await summaryOf(
      { subscribers: Object.fromEntries(names.map((name) => [name, ids])), answers },
      names.map((topic) => ({ topic, seq: 1, exclude: 'publisher' })),
    );

    const named = summary.topics.flatMap(({ undelivered }) => undelivered?.gone ?? []);
    expect(named).toHaveLength(LOGGED_CONNECTIONS);
    expect(summary).toMatchObject({ unnamedTopics: 5 });
    expect(summary.topics[0]).toMatchObject({ unnamed: 1_000 - LOGGED_CONNECTIONS });
    expect(JSON.stringify(summary).length).toBeLessThan(LINE_BYTES / 4);
  });
});
