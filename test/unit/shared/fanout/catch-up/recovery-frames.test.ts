import { encodeRecovery } from '../../../../../shared/fanout/catch-up/recovery-frames.ts';
import { byteLength } from '../../../../../shared/protocol/decode-frame.ts';
import { LIMITS } from '../../../../../shared/protocol/limits.ts';
import { type SubscribedFrame, subscribedFrame } from '../../../../../shared/protocol/server-frames.ts';
import { PUBLISHED_AT } from '../../../../helpers/change-records.ts';

const addressee = { topic: 'news', connectionId: 'me=' };
const here = { epoch: 'e1', seq: 9, recovered: true };
const messageAt = (seq: number, more: { message?: string; exclude?: string } = {}) => ({
  topic: 'news',
  epoch: 'e1',
  seq,
  message: `${seq}`,
  publishedAt: PUBLISHED_AT,
  ...more,
});
const large = (seq: number, bytes = 15_000) => messageAt(seq, { message: JSON.stringify('x'.repeat(bytes)) });
const decode = (texts: readonly string[]): SubscribedFrame[] =>
  texts.map((text) => subscribedFrame.parse(JSON.parse(text)));
const seqsOf = ({ messages = [] }: SubscribedFrame) => messages.map(({ seq }) => seq);

describe('encodeRecovery', () => {
  it('tells of a topic and what was missed in one frame', () => {
    const frames = encodeRecovery({ ...here, messages: [messageAt(8), messageAt(9)] }, addressee).map(
      (text) => JSON.parse(text) as unknown,
    );

    const message = { type: 'message', topic: 'news', epoch: 'e1', publishedAt: '2026-11-20T12:00:00.007Z' };
    expect(frames).toEqual([
      {
        type: 'subscribed',
        topic: 'news',
        epoch: 'e1',
        recovered: true,
        seq: 9,
        messages: [
          { ...message, seq: 8, data: 8 },
          { ...message, seq: 9, data: 9 },
        ],
      },
    ]);
  });

  it.each([
    [
      { ...here, messages: [] },
      { epoch: 'e1', seq: 9, recovered: true, messages: [] },
    ],
    [
      { ...here, recovered: false, messages: [] },
      { epoch: 'e1', seq: 9, recovered: false, messages: [] },
    ],
    [
      { epoch: null, seq: 0, recovered: true, messages: [] },
      { epoch: null, seq: 0, recovered: true, messages: [] },
    ],
    [
      { ...here, messages: [], value: 0 },
      { epoch: 'e1', seq: 9, recovered: true, value: 0 },
    ],
  ])('tells of %j in one frame', (recovery, fields) => {
    const frames = encodeRecovery(recovery, addressee).map((text) => JSON.parse(text) as unknown);

    expect(frames).toEqual([{ type: 'subscribed', topic: 'news', ...fields }]);
  });

  it('spreads what is too much over frames in order, all but the last with `more` and the seq so far', () => {
    const messages = [5, 6, 7, 8, 9].map((seq) => large(seq));

    const texts = encodeRecovery({ ...here, messages }, addressee);

    const frames = decode(texts);
    expect(frames.map(seqsOf)).toEqual([[5, 6], [7, 8], [9]]);
    expect(frames.map(({ seq, more }) => [seq, more])).toEqual([
      [6, true],
      [8, true],
      [9, undefined],
    ]);
    expect(texts.every((text) => byteLength(text) <= LIMITS.FRAME_BYTES)).toBe(true);
  });

  it('fits the largest message there can be into a frame', () => {
    const topic = 't'.repeat(LIMITS.TOPIC_LENGTH);
    const epoch = 'e'.repeat(LIMITS.EPOCH_LENGTH);
    const seq = Number.MAX_SAFE_INTEGER;
    const message = { ...large(seq, LIMITS.DATA_BYTES - 2), topic, epoch };

    const texts = encodeRecovery(
      { epoch, seq, recovered: true, messages: [message, message] },
      { topic, connectionId: 'me=' },
    );

    expect(texts).toHaveLength(2);
    expect(Math.max(...texts.map(byteLength))).toBeLessThanOrEqual(LIMITS.FRAME_BYTES);
  });

  it('leaves out what the addressee did not want back, and nothing of others', () => {
    const messages = [messageAt(7, { exclude: 'me=' }), messageAt(8, { exclude: 'other=' }), messageAt(9)];

    const [frame] = decode(encodeRecovery({ ...here, messages }, addressee));

    expect(frame && [seqsOf(frame), frame.seq]).toEqual([[8, 9], 9]);
  });

  it('still tells the position when all that was missed was its own', () => {
    const messages = [8, 9].map((seq) => messageAt(seq, { exclude: 'me=' }));

    const frames = decode(encodeRecovery({ ...here, messages }, addressee));

    expect(frames).toMatchObject([{ seq: 9, recovered: true, messages: [] }]);
  });
});
