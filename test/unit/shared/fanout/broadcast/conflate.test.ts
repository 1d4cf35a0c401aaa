import { decodeChanges } from '../../../../../shared/fanout/stream-records.ts';
import { conflate } from '../../../../../shared/fanout/broadcast/conflate.ts';
import { changeRecord, type HeadFields } from '../../../../helpers/change-records.ts';

const changesOf = (...heads: HeadFields[]) => heads.flatMap((head, place) => decodeChanges(changeRecord(place, head)));
const namesOf = (changes: ReturnType<typeof changesOf>) => changes.map(({ head }) => `${head.topic} ${head.seq}`);

describe('conflate', () => {
  it('keeps of each counter only the last change, and every message, in stream order', () => {
    const changes = changesOf(
      { topic: 'counter:a', seq: 1, value: 1 },
      { topic: 'news', seq: 1 },
      { topic: 'counter:b', seq: 8, value: 5 },
      { topic: 'counter:a', seq: 2, value: 2 },
      { topic: 'news', seq: 2 },
      { topic: 'counter:a', seq: 3, value: 1 },
    );

    expect(namesOf(conflate(changes))).toEqual(['news 1', 'counter:b 8', 'news 2', 'counter:a 3']);
  });

  it('keeps a record that was handed over twice once', () => {
    const changes = changesOf({ topic: 'news', seq: 1 }, { topic: 'news', seq: 2 }, { topic: 'news', seq: 1 });

    // In its first place: behind the second it would break their order.
    expect(namesOf(conflate(changes))).toEqual(['news 1', 'news 2']);
  });

  it('keeps the same seq of two topics and of two lives', () => {
    const changes = changesOf(
      { topic: 'news', seq: 1, epoch: 'e1' },
      { topic: 'other', seq: 1, epoch: 'e1' },
      { topic: 'news', seq: 1, epoch: 'e2' },
    );

    expect(conflate(changes)).toEqual(changes);
  });

  it('leaves an empty batch empty', () => {
    expect(conflate([])).toEqual([]);
  });
});
