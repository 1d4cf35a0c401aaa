import type { LogSource } from '../../../cli/logs/log-source.ts';
import { sumUp } from '../../../cli/stats/read-deliveries.ts';
import { findLines, serializedField } from '../../../cli/logs/find-lines.ts';
import { findBroadcasts } from '../../../cli/trace/find-broadcasts.ts';
import { broadcast } from '../../../shared/fanout/broadcast/broadcast.ts';
import { type BroadcastScript, createBroadcastFixture } from '../../helpers/broadcast-fixture.ts';
import { changeRecord, type HeadFields } from '../../helpers/change-records.ts';

/** The logs of a broadcast that handled these batches, one invocation each. */
async function logsOf(script: BroadcastScript, batches: readonly (readonly HeadFields[])[]): Promise<LogSource> {
  const lines: { readonly timestamp: number; readonly requestId: string; readonly message: string }[] = [];
  for (const [index, heads] of batches.entries()) {
    const world = createBroadcastFixture(script);
    await broadcast(
      world,
      heads.map((head, place) => changeRecord(place, head)),
    );
    for (const event of world.events) {
      if (event.event !== 'broadcast') continue;
      const written = event.summary.lines.map((line) => JSON.stringify({ message: 'broadcast', ...line }));
      lines.push(...written.map((message) => ({ timestamp: index + 1, requestId: `r${index + 1}`, message })));
    }
  }
  const find: LogSource['find'] = async ({ contains }) =>
    lines.filter(({ message }) => contains.every((text) => message.includes(text)));
  return { find, unread: new Set(), forgetUnread: () => undefined, close: () => undefined };
}

const always = <T>(outcome: T): T[] => Array.from({ length: 99 }, () => outcome);

describe('what the broadcast logs', () => {
  it('is found by topic and seq, whatever else was in the batch', async () => {
    const logs = await logsOf(
      {
        subscribers: { news: ['a', 'full'], sport: ['full', 'b', 'c'] },
        answers: { full: ['delivered', ...always('throttled' as const)] },
      },
      [
        [
          { topic: 'news', seq: 4 },
          { topic: 'sport', seq: 9, exclude: 'c' },
          { topic: 'sport', seq: 10 },
        ],
      ],
    );

    const news = await findBroadcasts({ logs }, { topic: 'news', seq: 4, epoch: 'e1' }, undefined);
    const sport = await findBroadcasts({ logs }, { topic: 'sport', seq: 9, epoch: 'e1' }, undefined);

    const taken = new Map([['full', 'the first 1 of its 3 frames of this batch']]);
    const undelivered = new Map([['throttled', ['full']]]);
    expect(news).toMatchObject([{ records: 3, firstSeq: 4, lastSeq: 4, subscribers: 2, excluded: [], undelivered }]);
    expect(sport).toMatchObject([{ firstSeq: 9, lastSeq: 10, subscribers: 3, excluded: ['c'], undelivered }]);
    expect(sport[0]).toMatchObject({ requestId: 'r1', isUndone: false, partly: taken });
    for (const other of [
      { seq: 3, epoch: 'e1' },
      { seq: 5, epoch: 'e1' },
      { seq: 4, epoch: 'e2' },
    ]) {
      expect(await findBroadcasts({ logs }, { topic: 'news', ...other }, undefined)).toEqual([]);
    }
  });

  it('tells a batch that is retried', async () => {
    const logs = await logsOf({ subscribers: { news: ['a'] }, answers: { a: [...always('failed' as const)] } }, [
      [{ topic: 'news', seq: 1 }],
    ]);

    expect(await findBroadcasts({ logs }, { topic: 'news', seq: 1, epoch: 'e1' }, undefined)).toMatchObject([
      { isUndone: true, undelivered: new Map([['failed', ['a']]]) },
    ]);
  });

  it('is summed up by batch and by delivery: a connection counts for each of its topics', async () => {
    const subscribers = { news: ['a', 'b'], sport: ['a'] };
    const both = [
      { topic: 'news', seq: 1 },
      { topic: 'news', seq: 2 },
      { topic: 'sport', seq: 1 },
    ];
    const logs = await logsOf({ subscribers }, [both, [{ topic: 'news', seq: 3 }]]);

    const lines = await findLines({ logs }, { contains: [serializedField('message', 'broadcast')], roles: [] });

    expect(lines).toHaveLength(3);
    expect(sumUp(lines)).toMatchObject({ batches: 2, delivered: 5, messages: 7, gone: 0, peakPerSecond: 5 });
    expect(sumUp(lines).lagsMs).toHaveLength(2);
  });
});
