import { cursorOf } from '../../../../shared/http-door/cursor.ts';
import { offsetAt, readOffset } from '../../../../shared/http-door/offsets.ts';
import { topicOfPath } from '../../../../shared/http-door/stream-request.ts';
import type { StreamState } from '../../../../shared/store/stream-state.ts';

// Only the epoch matters here.
const inEpoch = (epoch: string): StreamState => ({
  topic: 'news',
  settings: { contentType: 'application/json' },
  epoch,
  seq: 0,
  newest: [],
  segments: [],
  isClosed: false,
  forks: 0,
  isGone: false,
  publishedAt: 0,
});

describe('an offset', () => {
  it('sorts as a text as its seq does, from the start on', () => {
    const offsets = [0, 1, 9, 10, 999, 1_000, Number.MAX_SAFE_INTEGER].map((seq) => offsetAt(inEpoch('00ab12cd'), seq));

    expect(offsets.toSorted()).toEqual(offsets);
    expect(new Set(offsets).size).toBe(offsets.length);
  });

  it('is read back', () => {
    expect(readOffset(offsetAt(inEpoch('00ab12cd'), 17))).toEqual({ at: 'seq', epoch: '00ab12cd', seq: 17 });
    expect(readOffset(offsetAt(inEpoch('00ab12cd'), 0))).toEqual({ at: 'start' });
    expect([readOffset('-1'), readOffset('now')]).toEqual([{ at: 'start' }, { at: 'now' }]);
  });

  it.each(['', '0', '0,1', '-2', 'NOW', 'ab_17', 'ab_9999999999999999', '../ab_0000000000000001'])(
    'is nothing else: %s',
    (text) => {
      expect(readOffset(text)).toBeUndefined();
    },
  );
});

describe('a cursor', () => {
  const deps = { now: () => Date.UTC(2024, 9, 9, 0, 1), random: () => 0.5 };

  it('is the number of the interval, and always more than the one that was sent', () => {
    expect(cursorOf(deps, null)).toBe('3');
    expect(cursorOf(deps, '2')).toBe('3');
    expect(Number(cursorOf(deps, '3'))).toBeGreaterThan(3);
    expect(Number(cursorOf(deps, '500'))).toBeGreaterThan(500);
    expect(cursorOf(deps, 'nonsense')).toBe('3');
  });
});

describe('the path of a stream', () => {
  it('names a topic, and no counter', () => {
    expect(topicOfPath('/v1/stream/news/a%3Ab')).toBe('news/a:b');
    expect(
      ['/v1/stream/', '/v1/stream/counter:x', '/v1/stream/a%zz', '/v1/stream/a b', '/news'].map(topicOfPath),
    ).toEqual(Array.from({ length: 5 }, () => undefined));
  });
});
