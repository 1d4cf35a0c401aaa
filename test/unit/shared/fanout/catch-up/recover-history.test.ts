import {
  ARCHIVE_HOLE_MS,
  ARCHIVE_LAG_MS,
  HISTORY_ATTEMPTS,
  recover,
} from '../../../../../shared/fanout/catch-up/recover.ts';
import type { MessageHead } from '../../../../../shared/store/head.ts';
import { PUBLISHED_AT } from '../../../../helpers/change-records.ts';
import { archiveOf, messageAt } from '../../../../helpers/fake-archive.ts';

const headAt = (seq: number): MessageHead => ({ kind: 'message', ...messageAt(seq) });
const recent = { now: () => PUBLISHED_AT + ARCHIVE_LAG_MS - 1 };
const seqsOf = ({ messages }: { messages: readonly { seq: number }[] }) => messages.map(({ seq }) => seq);

describe('recover, of a history', () => {
  it('waits only a moment for a history whose oldest messages have expired', async () => {
    const archive = { ...archiveOf([7, 8, 9]), now: () => PUBLISHED_AT + ARCHIVE_HOLE_MS - 1 };

    const recovery = await recover(archive, headAt(10), { history: 10 });

    expect(seqsOf(recovery)).toEqual([7, 8, 9, 10]);
    expect(archive.ranges).toHaveLength(HISTORY_ATTEMPTS);
  });

  it('waits for a history whose newest messages are still on their way', async () => {
    const archive = { ...archiveOf([5], [6, 7, 8, 9]), ...recent };

    const recovery = await recover(archive, headAt(10), { history: 6 });

    expect(seqsOf(recovery)).toEqual([5, 6, 7, 8, 9, 10]);
  });

  it.each([
    [3, [7, 8, 9, 10], [8, 9, 10]],
    [1, [9, 10], [10]],
    [3, [7, 8, 9], [8, 9, 10]],
    [5, [6, 8, 9, 10], [8, 9, 10]],
    [5, [6, 7, 8], [10]],
    [100, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  ])('sends the last %i of the archive %j without a hole', async (history, archived, seqs) => {
    const recovery = await recover(archiveOf(archived), headAt(10), { history });

    expect(recovery).toMatchObject({ seq: 10, recovered: true });
    expect(seqsOf(recovery)).toEqual(seqs);
  });

  it('waits with a history as with a position, and skips nothing that is on its way', async () => {
    const archive = { ...archiveOf([6, 7], [8, 9]), ...recent };

    const recovery = await recover(archive, headAt(10), { history: 5 });

    expect(recovery).toMatchObject({ seq: 10, recovered: true });
    expect(seqsOf(recovery)).toEqual([6, 7, 8, 9, 10]);
  });

  it.each([
    ['what is known', [6, 7], 5, 7, [6, 7]],
    ['nothing, where nothing is known yet', [1, 2], 5, 5, []],
    ['the last run, where the start has expired', [3, 5, 6, 7], 8, 7, [5, 6, 7]],
  ])('sends %s of a history while the archive lags, and stands before the rest', async (...row) => {
    const [, archived, history, seq, seqs] = row;

    const recovery = await recover({ ...archiveOf(archived), ...recent }, headAt(10), { history });

    expect(recovery).toMatchObject({ epoch: 'e1', seq, recovered: true });
    expect(seqsOf(recovery)).toEqual(seqs);
  });
});
