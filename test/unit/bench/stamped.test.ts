import { eachStamp, MESSAGE_BYTES, stamped } from '../../../bench/load/stamped.ts';

const stampsIn = (text: string): number[] => {
  const found: number[] = [];
  eachStamp(text, (stampUs) => found.push(stampUs));
  return found;
};

describe('a stamped message', () => {
  test.each([1, 123_456_789_012_345])('of %d is JSON of exactly the size that all benches use', (stampUs) => {
    const message = stamped(stampUs);

    expect(Buffer.byteLength(message)).toBe(MESSAGE_BYTES);
    expect(JSON.parse(message)).toMatchObject({ t: stampUs });
  });

  test('is found in a frame, and each of those in a batch', () => {
    const frame = (stampUs: number): string =>
      `{"type":"message","topic":"t","publishedAt":"2026-01-01","data":${stamped(stampUs)}}`;

    expect(stampsIn(frame(17))).toEqual([17]);
    expect(stampsIn(`{"type":"batch","frames":[${frame(1)},${frame(2)}]}`)).toEqual([1, 2]);
  });

  test('is not found where there is none', () => {
    expect(stampsIn('{"type":"subscribed","topic":"t","seq":0}')).toEqual([]);
  });
});
