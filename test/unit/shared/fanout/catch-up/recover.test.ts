import {
  ARCHIVE_ATTEMPTS,
  ARCHIVE_HOLE_MS,
  ARCHIVE_LAG_MS,
  ARCHIVE_PAUSE_MS,
  recover,
  RECOVERED_BYTES,
  RECOVERED_MESSAGES,
} from '../../../../../shared/fanout/catch-up/recover.ts';
import type { CounterHead, MessageHead } from '../../../../../shared/store/head.ts';
import type { MessageRange } from '../../../../../shared/store/messages.ts';
import { PUBLISHED_AT } from '../../../../helpers/change-records.ts';
import { archiveOf, messageAt } from '../../../../helpers/fake-archive.ts';

const headAt = (seq: number): MessageHead => ({ kind: 'message', ...messageAt(seq) });
const counter: CounterHead = {
  kind: 'counter',
  topic: 'counter:a',
  epoch: 'e1',
  seq: 5,
  value: 42,
  publishedAt: PUBLISHED_AT,
};

const recent = { now: () => PUBLISHED_AT + ARCHIVE_LAG_MS - 1 };
const seqsOf = ({ messages }: { messages: readonly { seq: number }[] }) => messages.map(({ seq }) => seq);
const at = (seq: number, epoch: string | null = 'e1') => ({ position: { epoch, seq } });

describe('recover, of a topic', () => {
  it.each([
    [{}, true],
    [at(0, null), true],
    [{ history: 5 }, true],
    [at(3), false],
  ])('that nobody published to, for %j, is recovered: %s', async (wanted, recovered) => {
    const recovery = await recover(archiveOf([]), undefined, wanted);

    expect(recovery).toEqual({ epoch: null, seq: 0, recovered, messages: [] });
  });

  it('sends nothing to who asked for nothing', async () => {
    const archive = archiveOf([1, 2, 3]);

    const recovery = await recover(archive, headAt(3), {});

    expect(recovery).toEqual({ epoch: 'e1', seq: 3, recovered: true, messages: [] });
    expect(archive.ranges).toEqual([]);
  });

  it('sends all after the position, in order', async () => {
    const recovery = await recover(archiveOf([1, 2, 3, 4, 5]), headAt(5), at(2));

    expect(recovery).toMatchObject({ epoch: 'e1', seq: 5, recovered: true });
    expect(seqsOf(recovery)).toEqual([3, 4, 5]);
  });

  it('takes the newest message from the head when the archive has it not yet', async () => {
    const archive = archiveOf([3, 4]);

    const recovery = await recover(archive, headAt(5), at(2));

    expect(seqsOf(recovery)).toEqual([3, 4, 5]);
    expect(archive.waiting.sleptMs).toEqual([]);
  });

  it('sends nothing to who is up to date', async () => {
    expect(await recover(archiveOf([5]), headAt(5), at(5))).toEqual({
      epoch: 'e1',
      seq: 5,
      recovered: true,
      messages: [],
    });
  });

  it('sends all from the first to who subscribed before the first publish', async () => {
    expect(seqsOf(await recover(archiveOf([1, 2]), headAt(3), at(0, null)))).toEqual([1, 2, 3]);
  });

  it.each([
    ['another epoch', [1, 2, 3], at(2, 'old')],
    ['a position without epoch that has a seq', [1, 2, 3], at(1, null)],
    ['a position past the head', [1, 2, 3], at(4)],
    ['a hole in the archive', [2], at(0)],
    ['an archive that has lost all', [], at(0)],
  ])('cannot recover from %s, and sends no half of it', async (_, archived, wanted) => {
    const recovery = await recover(archiveOf(archived), headAt(3), wanted);

    expect(recovery).toEqual({ epoch: 'e1', seq: 3, recovered: false, messages: [] });
  });

  it('cannot recover from a hole that should have been filled long ago, although the head was published just now', async () => {
    const now = () => PUBLISHED_AT + ARCHIVE_HOLE_MS;

    const recovery = await recover({ ...archiveOf([2, 4]), now }, { ...headAt(5), publishedAt: now() }, at(1));

    expect(recovery).toMatchObject({ seq: 5, recovered: false, messages: [] });
  });

  it('reads once when a hole should have been filled long ago: nothing is waited for that is known to be lost', async () => {
    const now = () => PUBLISHED_AT + ARCHIVE_HOLE_MS;
    const archive = archiveOf([2, 4]);

    await recover({ ...archive, now }, { ...headAt(5), publishedAt: now() }, at(1));

    expect(archive.ranges).toHaveLength(1);
    expect(archive.waiting.sleptMs).toEqual([]);
  });

  it('stops before a hole that may still be filled: a batch that failed is archived in parts', async () => {
    const now = () => PUBLISHED_AT + ARCHIVE_HOLE_MS - 1;

    const recovery = await recover({ ...archiveOf([2, 4]), now }, headAt(5), at(1));

    expect(recovery).toMatchObject({ seq: 2, recovered: true });
    expect(seqsOf(recovery)).toEqual([2]);
  });

  it('waits a little for messages that are on their way into the archive', async () => {
    const archive = { ...archiveOf([2], [3, 4]), ...recent };

    const recovery = await recover(archive, headAt(5), at(1));

    expect(seqsOf(recovery)).toEqual([2, 3, 4, 5]);
    // What it has already is not read again.
    expect(archive.ranges.map(({ fromSeq }) => fromSeq)).toEqual([2, 3, 4]);
    expect(archive.waiting.sleptMs).toEqual([ARCHIVE_PAUSE_MS, ARCHIVE_PAUSE_MS]);
  });

  it('stops where the archive ends when the rest is on its way and will come live', async () => {
    const archive = archiveOf([2, 3]);

    const recovery = await recover({ ...archive, ...recent }, headAt(9), at(1));

    expect(recovery).toMatchObject({ epoch: 'e1', seq: 3, recovered: true });
    expect(seqsOf(recovery)).toEqual([2, 3]);
    expect(archive.ranges).toHaveLength(ARCHIVE_ATTEMPTS);
  });

  it('does not wait where nothing is on its way any more', async () => {
    const archive = archiveOf([2], [3, 4]);

    const recovery = await recover(archive, headAt(5), at(1));

    expect(recovery.recovered).toBe(false);
    expect(archive.waiting.sleptMs).toEqual([]);
  });

  it('does not count on messages that should have been archived long ago', async () => {
    const recovery = await recover(archiveOf([2, 3]), headAt(9), at(1));

    expect(recovery).toMatchObject({ seq: 9, recovered: false, messages: [] });
  });

  it.each([
    [RECOVERED_MESSAGES, true],
    [RECOVERED_MESSAGES + 1, false],
  ])('recovers a client that missed %i messages: %s', async (missed, recovered) => {
    const all = Array.from({ length: missed + 1 }, (_, i) => i + 1);

    const recovery = await recover(archiveOf(all), headAt(missed + 1), at(1));

    expect([recovery.recovered, recovery.messages.length]).toEqual([recovered, recovered ? missed : 0]);
  });

  it('reads of the archive no more than one catch-up sends', async () => {
    const archive = { ...archiveOf([1], [2]), ...recent };

    await recover(archive, headAt(3), at(0));

    expect(archive.ranges.map(({ bytes }) => RECOVERED_BYTES - bytes)).toEqual([0, 1]);
  });

  it.each([
    ['as much as', 0, true],
    ['more than', 1, false],
  ])('recovers %s the bytes of one catch-up (%i over): %s', async (_, over, recovered) => {
    const size = RECOVERED_BYTES / 4;
    const archive = archiveOf([]);
    const listMessages = async ({ fromSeq }: MessageRange) =>
      [1, 2, 3, 4]
        .filter((seq) => seq >= fromSeq)
        .map((seq) => ({ ...messageAt(seq), message: 'x'.repeat(size + (seq === 4 ? over : 0)) }));

    const recovery = await recover({ ...archive, listMessages }, headAt(5), at(0));

    expect([recovery.recovered, recovery.messages.length]).toEqual(recovered ? [true, 5] : [false, 0]);
  });

  it('lets a position win over a history', async () => {
    expect(seqsOf(await recover(archiveOf([1, 2, 3]), headAt(3), { ...at(2), history: 3 }))).toEqual([3]);
  });

  it.each([
    [{}, true],
    [at(2), true],
    [at(2, 'old'), false],
  ])("sends a counter's value for %j; that nothing broke is %s", async (wanted, recovered) => {
    const archive = archiveOf([]);

    const recovery = await recover(archive, counter, wanted);

    expect(recovery).toEqual({ epoch: 'e1', seq: 5, recovered, messages: [], value: 42 });
    expect(archive.ranges).toEqual([]);
  });

  it('asks the archive only for the epoch of the head', async () => {
    const archive = archiveOf([1, 2, 3]);

    await recover(archive, headAt(3), at(1));

    expect(archive.ranges[0]).toMatchObject({ topic: 'news', epoch: 'e1', fromSeq: 2, toSeq: 3 });
  });
});
