import type { MessageRange } from '../../shared/store/messages.ts';
import { PUBLISHED_AT } from './change-records.ts';
import { TestClock } from './test-clock.ts';
import { ARCHIVE_LAG_MS } from '../../shared/fanout/catch-up/recover.ts';

/** An archived message, whose data is its seq. */
export const messageAt = (seq: number, epoch = 'e1') => ({
  topic: 'news',
  epoch,
  seq,
  message: `${seq}`,
  publishedAt: PUBLISHED_AT,
});

/** An archive with these seqs; `arriving` come later, one with each read. */
export function archiveOf(seqs: readonly number[], arriving: readonly number[] = []) {
  const kept = new Set(seqs);
  const later = [...arriving];
  const ranges: MessageRange[] = [];
  const waiting = new TestClock().waiting();
  const listMessages = async (range: MessageRange) => {
    ranges.push(range);
    const found = [...kept].filter((seq) => seq >= range.fromSeq && seq <= range.toSeq).sort((a, b) => a - b);
    const next = later.shift();
    if (next !== undefined) kept.add(next);
    return found.map((seq) => messageAt(seq));
  };
  return { ranges, waiting, listMessages, now: () => PUBLISHED_AT + ARCHIVE_LAG_MS };
}
