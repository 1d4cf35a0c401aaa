import { createHash } from 'node:crypto';
import { createPreparedFrames, PREPARED_BYTES, PREPARED_FRAMES } from '../../../../shared/post/prepared-frames.ts';

describe('prepared frames', () => {
  it('are the bytes of the frame and their hash, made once for all who get it', () => {
    const prepare = createPreparedFrames();
    const text = '{"data":"é🌊"}';

    const frame = prepare(text);

    expect(frame.body.toString()).toBe(text);
    expect(frame.sha256).toBe(createHash('sha256').update(text).digest('hex'));
    expect(prepare(['{"data":', '"é🌊"}'].join(''))).toBe(frame);
  });

  it('are remembered up to a number: the oldest is made anew', () => {
    const prepare = createPreparedFrames();
    const [first, second] = [prepare('0'), prepare('1')];

    for (let i = 2; i <= PREPARED_FRAMES; i += 1) prepare(String(i));

    expect(prepare('1')).toBe(second);
    expect(prepare('0')).not.toBe(first);
  });

  it('are remembered up to so many bytes', () => {
    const prepare = createPreparedFrames();
    const first = prepare('first');
    const half = PREPARED_BYTES / 2;

    const large = prepare('a'.repeat(half));
    prepare('b'.repeat(half));

    expect(prepare('a'.repeat(half))).toBe(large);
    expect(prepare('first')).not.toBe(first);
  });
});
