import type { ClientFrame } from '../../../../shared/protocol/client-frames.ts';
import { weightOf } from '../../../../shared/rates/weights.ts';

const positions = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, { epoch: null, seq: 0 }]));

const position = { epoch: 'e', seq: 1 };

const WEIGHTS: readonly (readonly [ClientFrame, frames: number, publishes: number])[] = [
  [{ action: 'publish', topic: 'news', data: 1 }, 0, 1],
  [{ action: 'publish', topic: 'news', messages: [1, 2, 3] }, 0, 3],
  [{ action: 'onMessage', message: 1 }, 0, 1],
  [{ action: 'plus' }, 0, 1],
  [{ action: 'minus' }, 0, 1],
  [{ action: 'unsubscribe', topic: 'news' }, 0, 0],
  [{ action: 'ping' }, 0, 0],
  [{ action: 'ping', positions: positions(1) }, 1, 0],
  [{ action: 'ping', positions: positions(100) }, 10, 0],
  [{ action: 'subscribe', topic: 'news' }, 0, 0],
  [{ action: 'subscribe', topic: 'news', position }, 1, 0],
  [{ action: 'subscribe', topic: 'news', history: 100 }, 4, 0],
  [{ action: 'subscribe', topic: 'news', history: 1, before: position }, 1, 0],
  [{ action: 'subscribe', topic: 'news', presence: true }, 4, 0],
];

describe('the weight of a frame', () => {
  it.each(WEIGHTS)('of %j is %i frames more and %i publishes', (frame, frames, publishes) => {
    expect(weightOf(frame)).toEqual({ frames, publishes });
  });
});
