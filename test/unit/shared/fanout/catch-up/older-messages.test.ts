import { readOlder } from '../../../../../shared/fanout/catch-up/older-messages.ts';
import { ARCHIVE_HOLE_MS, ARCHIVE_LAG_MS, HISTORY_ATTEMPTS } from '../../../../../shared/fanout/catch-up/recover.ts';
import type { Head, MessageHead } from '../../../../../shared/store/head.ts';
import { PUBLISHED_AT } from '../../../../helpers/change-records.ts';
import { archiveOf, messageAt } from '../../../../helpers/fake-archive.ts';

const headAt = (seq: number, epoch = 'e1'): MessageHead => ({ kind: 'message', ...messageAt(seq, epoch) });
const fresh = { now: () => PUBLISHED_AT + ARCHIVE_HOLE_MS - 1 };
const settled = { now: () => PUBLISHED_AT + ARCHIVE_HOLE_MS };
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

async function read(
  archive: ReturnType<typeof archiveOf>,
  seq: number,
  { count = 3, head = headAt(10), epoch = 'e1' }: { count?: number; head?: Head | null; epoch?: string | null } = {},
) {
  const range = { topic: 'news', before: { epoch, seq }, count };
  const older = await readOlder(archive, head ?? undefined, range);
  return older && { ...older, messages: older.messages.map((message) => message.seq) };
}

const from = (seq: number, epoch = 'e1') => ({ before: { epoch, seq }, isLost: false });
const beginning = { before: undefined, isLost: false };
const lost = { before: undefined, isLost: true };

describe('readOlder', () => {
  it('reads the last messages before a position, and says from where on there are older ones', async () => {
    expect(await read(archiveOf(upTo(10)), 8)).toEqual({ messages: [5, 6, 7], ...from(5) });
  });

  it('reads on from there to the first message, after which it says that there is nothing older', async () => {
    const archive = archiveOf(upTo(10));

    expect(await read(archive, 5)).toEqual({ messages: [2, 3, 4], ...from(2) });
    expect(await read(archive, 2)).toEqual({ messages: [1], ...beginning });
    expect(await read(archive, 4)).toEqual({ messages: [1, 2, 3], ...beginning });
    expect(await read(archive, 1)).toEqual({ messages: [], ...beginning });
    expect(await read(archive, 0)).toEqual({ messages: [], ...beginning });
  });

  it('asks the archive for one message more than are wanted, and for the position itself', async () => {
    const archive = archiveOf(upTo(10));

    await read(archive, 8);

    expect(archive.ranges).toMatchObject([{ topic: 'news', epoch: 'e1', fromSeq: 4, toSeq: 8 }]);
  });

  it.each([
    ['up to the hole', [4, 6, 7, 8, 9], 8, [6, 7]],
    ['none', [1, 2], 8, []],
    ['none, where the newest before the position is missing', [4, 5, 6, 8], 8, []],
    ['those that are exactly as many as wanted', [5, 6, 7, 8], 8, [5, 6, 7]],
  ])('reads %s where older messages have expired, and says that they are lost', async (...row) => {
    const [, archived, seq, messages] = row;
    const archive = { ...archiveOf(archived), ...settled };

    expect(await read(archive, seq)).toEqual({ messages, ...lost });
    expect(archive.ranges).toHaveLength(1);
  });

  it('has the messages that only the head holds', async () => {
    const earlier = [headAt(9)];

    expect(await read(archiveOf(upTo(8)), 11, { head: { ...headAt(10), earlier } })).toEqual({
      messages: [8, 9, 10],
      ...from(8),
    });
  });

  it('reads from the head down when the position is beyond it', async () => {
    expect(await read(archiveOf(upTo(10)), 99)).toEqual({ messages: [8, 9, 10], ...from(8) });
  });

  it('waits for messages that are on their way to the archive', async () => {
    const archive = { ...archiveOf([1, 2, 3, 4, 8], [5, 6, 7]), ...fresh };

    expect(await read(archive, 8)).toEqual({ messages: [5, 6, 7], ...from(5) });
    expect(archive.waiting.sleptMs).toHaveLength(3);
  });

  it('has no answer yet when messages in the midst stay on their way', async () => {
    const archive = { ...archiveOf([1, 2, 3, 4, 8]), ...fresh };

    expect(await read(archive, 8, { count: 5 })).toBeUndefined();
    expect(archive.ranges).toHaveLength(HISTORY_ATTEMPTS);
  });

  it('takes a hole with nothing below it for expired messages, however young the ones above it are', async () => {
    const archive = { ...archiveOf([6, 7, 8]), ...fresh };

    expect(await read(archive, 8)).toEqual({ messages: [6, 7], ...lost });
    expect(archive.ranges).toHaveLength(HISTORY_ATTEMPTS);
  });

  it('does not wait when the topic has been quiet for long', async () => {
    const archive = { ...archiveOf([1, 2, 8]), now: () => PUBLISHED_AT + ARCHIVE_LAG_MS };

    expect(await read(archive, 8)).toEqual({ messages: [], ...lost });
    expect(archive.ranges).toHaveLength(1);
  });

  it.each([
    ['of the epoch that follows', headAt(2, 'e2')],
    ['that has expired', null],
  ])('reads an earlier epoch as far as the archive has it, without the help of a head %s', async (_, head) => {
    const archive = { ...archiveOf([3, 4, 5, 6]), ...fresh };

    expect(await read(archive, 7, { head })).toEqual({ messages: [4, 5, 6], ...from(4) });
    expect(await read(archive, 4, { head })).toEqual({ messages: [3], ...lost });
    expect(await read(archive, 9, { head })).toEqual({ messages: [], ...lost });
    expect(archive.waiting.sleptMs).toEqual([]);
  });

  it.each([
    ['a topic that nobody has published to', null, { head: null, epoch: null }],
    ['the position before the first publish', null, { epoch: null }],
    [
      'a counter',
      'e1',
      { head: { kind: 'counter', topic: 'counter:c', epoch: 'e1', seq: 9, publishedAt: 1, value: 9 } },
    ],
  ] as const)('has nothing older in %s, and reads nothing', async (_, epoch, options) => {
    const archive = archiveOf([]);

    expect(await read(archive, epoch === null ? 0 : 5, options)).toEqual({ messages: [], ...beginning });
    expect(archive.ranges).toEqual([]);
  });
});
