import { createFramePacker, groupToFit, packFrames } from '../../../../../shared/fanout/deliver/frame-packing.ts';
import { byteLength } from '../../../../../shared/protocol/decode-frame.ts';
import { LIMITS } from '../../../../../shared/protocol/limits.ts';

const ENVELOPE = '{"type":"batch","frames":[]}'.length;
const batched = (texts: readonly string[]) => texts.map((text) => ({ text, batch: true }));
const plain = (text: string) => ({ text, batch: false });
const frameOf = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));

describe('packFrames', () => {
  it('puts several frames into one, in their order', () => {
    expect(packFrames(batched(['{"seq":1}', '{"seq":2}']))).toEqual([
      '{"type":"batch","frames":[{"seq":1},{"seq":2}]}',
    ]);
  });

  it('leaves a single frame as it is', () => {
    expect(packFrames(batched(['{"seq":1}']))).toEqual(['{"seq":1}']);
  });

  it('makes nothing of nothing', () => {
    expect(packFrames([])).toEqual([]);
  });

  it('fills a frame to the last byte, commas counted', () => {
    const room = LIMITS.FRAME_BYTES - ENVELOPE;
    const exact = [frameOf(1_000), frameOf(room - 1_001)];
    const over = [frameOf(1_000), frameOf(room - 1_000)];

    const [packed = '', ...rest] = packFrames(batched(exact));

    expect([byteLength(packed), rest]).toEqual([LIMITS.FRAME_BYTES, []]);
    expect(packFrames(batched(over))).toEqual(over);
  });

  it('counts bytes, not characters', () => {
    const half = JSON.stringify('é'.repeat(8_200));

    expect(packFrames(batched([half, half]))).toEqual([half, half]);
  });

  it('packs no frame of a subscription that did not ask for it, and keeps the order', () => {
    const [one, two, three, six] = batched(['1', '2', '3', '6']);

    const packed = packFrames(
      [one, two, plain('4'), plain('5'), three, six, plain('7')].filter((due) => due !== undefined),
    );

    expect(packed).toEqual(['{"type":"batch","frames":[1,2]}', '4', '5', '{"type":"batch","frames":[3,6]}', '7']);
  });

  it('leaves a frame alone that fits only without an envelope', () => {
    const large = frameOf(LIMITS.FRAME_BYTES);

    expect(packFrames(batched(['1', large, '2', '3']))).toEqual(['1', large, '{"type":"batch","frames":[2,3]}']);
  });
});

describe('a frame packer', () => {
  it('packs once what is due to many, and gives each of them the same', () => {
    const pack = createFramePacker();
    const due = () => batched(['{"seq":1}', '{"seq":2}']);

    const packed = pack(due());

    expect(packed).toEqual(packFrames(due()));
    expect(pack(due())).toBe(packed);
  });

  it('tells lists apart that differ in what they have, in its order, in its end, or in who asked for batches', () => {
    const pack = createFramePacker();
    const lists = [
      batched(['1', '2']),
      batched(['2', '1']),
      batched(['1']),
      batched(['1', '2', '3']),
      [plain('1'), plain('2')],
      [{ text: '1', batch: true }, plain('2')],
      [],
    ];

    const packed = lists.map((list) => pack(list));

    expect(packed).toEqual(lists.map(packFrames));
  });
});

describe('groupToFit', () => {
  it('keeps room for the envelope of each group', () => {
    const text = frameOf(10_000);

    const groups = groupToFit(
      Array.from({ length: 7 }, () => text),
      2_765,
    );

    expect(groups.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(groupToFit([text, text, text], 2_767).map(({ length }) => length)).toEqual([2, 1]);
  });
});
