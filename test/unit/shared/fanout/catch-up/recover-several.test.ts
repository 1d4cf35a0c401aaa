import { recover } from '../../../../../shared/fanout/catch-up/recover.ts';
import type { MessageHead } from '../../../../../shared/store/head.ts';
import { archiveOf, messageAt } from '../../../../helpers/fake-archive.ts';

const headAt = (seq: number): MessageHead => ({ kind: 'message', ...messageAt(seq) });
const at = (seq: number) => ({ position: { epoch: 'e1', seq } });

describe('recover, where several messages were published at once', () => {
  const headOf = (first: number, last: number): MessageHead => ({
    ...headAt(last),
    earlier: Array.from({ length: last - first }, (_, index) => headAt(first + index)),
  });

  it.each([
    ['before them', at(2), [3, 4, 5, 6]],
    ['at the first of them', at(4), [5, 6]],
    ['at the last of them', at(6), []],
    ['of a history into them', { history: 2 }, [5, 6]],
    ['of a history beyond them', { history: 4 }, [3, 4, 5, 6]],
  ])('takes what was published at once from the head, to a place %s', async (_, wanted, seqs) => {
    const archive = archiveOf([1, 2, 3]);

    const recovery = await recover(archive, headOf(4, 6), wanted);

    expect(recovery).toMatchObject({ seq: 6, recovered: true });
    expect(recovery.messages.map(({ seq }) => seq)).toEqual(seqs);
    expect(archive.waiting.sleptMs).toEqual([]);
  });
});
