import { readOlder } from '../../../../../shared/fanout/catch-up/older-messages.ts';
import { recover } from '../../../../../shared/fanout/catch-up/recover.ts';
import type { MessageHead } from '../../../../../shared/store/head.ts';
import type { ReadSettings } from '../../../../../shared/store/read-settings.ts';
import { archiveOf, messageAt } from '../../../../helpers/fake-archive.ts';

const headAt = (seq: number, earlier: readonly MessageHead[] = []): MessageHead => ({
  kind: 'message',
  ...messageAt(seq),
  ...(earlier.length === 0 ? {} : { earlier }),
});
const at = (seq: number, epoch: string | null = 'e1') => ({ position: { epoch, seq } });
const seqsOf = ({ messages }: { messages: readonly { seq: number }[] }) => messages.map(({ seq }) => seq);
const run = (to: number) => Array.from({ length: to }, (_, index) => index + 1);

/** The archive of a topic with these settings. */
const archive = (settings: ReadSettings, seqs = run(9)) => ({ ...archiveOf(seqs), settingsOf: () => settings });

describe('a topic with a bound of its history', () => {
  const bounded = archive({ history: 3 });

  it('shows the newest messages to a history, however many it asks for', async () => {
    expect(seqsOf(await recover(bounded, headAt(9), { history: 8 }))).toEqual([7, 8, 9]);
    expect(seqsOf(await recover(bounded, headAt(9), { history: 2 }))).toEqual([8, 9]);
  });

  it('lets a client catch up over that many, and over no more', async () => {
    expect(await recover(bounded, headAt(9), at(6))).toMatchObject({ recovered: true, seq: 9 });
    expect(await recover(bounded, headAt(9), at(5))).toEqual({ epoch: 'e1', seq: 9, recovered: false, messages: [] });
  });

  it('shows nothing of its past with a bound of 0', async () => {
    const none = archive({ history: 0 });

    expect(await recover(none, headAt(9), { history: 8 })).toMatchObject({ recovered: true, messages: [] });
    expect(await recover(none, headAt(9), at(9))).toMatchObject({ recovered: true, messages: [] });
    expect(await recover(none, headAt(9), at(8))).toMatchObject({ recovered: false, messages: [] });
  });

  it('has no older page than the bound, and says that the others are lost', async () => {
    const before = (seq: number, epoch = 'e1') => ({ topic: 'news', before: { epoch, seq }, count: 2 });

    const first = await readOlder(bounded, headAt(9), before(10));
    const second = await readOlder(bounded, headAt(9), before(first?.before?.seq ?? 0));

    expect(first).toMatchObject({ messages: [{ seq: 8 }, { seq: 9 }], before: { seq: 8 }, isLost: false });
    expect(second).toMatchObject({ messages: [{ seq: 7 }], before: undefined, isLost: true });
    const beyond = { messages: [], before: undefined, isLost: true };
    expect(await readOlder(bounded, headAt(9), before(7))).toEqual(beyond);
    expect(await readOlder(bounded, headAt(9), before(7, 'e0'))).toEqual(beyond);
  });
});

describe('a topic that keeps its last value only', () => {
  const state = archive({ lastValueOnly: true }, []);
  const newest = { epoch: 'e1', seq: 9, recovered: true, lastValueOnly: true };

  it.each([
    ['who asks for nothing', {}],
    ['who asks for a history', { history: 5 }],
    ['who is behind', at(2)],
    ['who knows an earlier epoch', at(20, 'e0')],
    ['who is ahead, since the topic was restored', at(20)],
    ['who came before the first publish', at(0, null)],
  ])('sends its newest message to a client %s', async (_who, request) => {
    const recovery = await recover(state, headAt(9), request);

    expect(recovery).toMatchObject(newest);
    expect(seqsOf(recovery)).toEqual([9]);
    expect(state.ranges).toEqual([]);
  });

  it('sends nothing to a client that has it', async () => {
    expect(await recover(state, headAt(9), at(9))).toEqual({ ...newest, messages: [] });
  });

  it('sends one message of those that were published at once', async () => {
    const recovery = await recover(state, headAt(9, [headAt(8)]), {});

    expect(recovery.messages).toEqual([{ kind: 'message', ...messageAt(9) }]);
  });

  it('has no older messages', async () => {
    const older = await readOlder(state, headAt(9), { topic: 'news', before: { epoch: 'e1', seq: 9 }, count: 5 });

    expect(older).toEqual({ messages: [], before: undefined, isLost: true });
  });
});
