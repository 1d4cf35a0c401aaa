import { fromTypedFrame } from '../../../../shared/protocol/typed-frame.ts';

describe('fromTypedFrame', () => {
  it.each([
    [
      { type: 'subscribe', topic: 'news' },
      { action: 'subscribe', topic: 'news' },
    ],
    [
      { type: 'subscribe', topic: 'news', id: '1', history: 3 },
      { action: 'subscribe', topic: 'news', id: '1', history: 3 },
    ],
    [
      { type: 'unsubscribe', topic: 'news' },
      { action: 'unsubscribe', topic: 'news' },
    ],
    [
      { type: 'message', topic: 'news', data: 1 },
      { action: 'publish', topic: 'news', data: 1 },
    ],
    [
      { type: 'message', message: 'hi' },
      { action: 'publish', topic: 'everyone', data: 'hi' },
    ],
    [
      { type: 'message', data: null, message: 'x' },
      // For the schema to refuse: which of the two was meant?
      { action: 'publish', topic: 'everyone', data: null, message: 'x' },
    ],
    [
      { type: 'message', data: 0 },
      { action: 'publish', topic: 'everyone', data: 0 },
    ],
    [
      { type: 'message', topic: '', data: 1 },
      { action: 'publish', topic: '', data: 1 },
    ],
  ])('reads %j as the action it means', (typed, frame) => {
    expect(fromTypedFrame(typed)).toEqual(frame);
  });

  it.each([
    [{ type: 'publish', topic: 'news', data: 1 }],
    [{ type: 'toString' }],
    [{ type: 7 }],
    [{}],
    [{ topic: 'news' }],
    [{ action: 'subscribe', type: 'subscribe', topic: 'news' }],
    [{ action: null, type: 'subscribe', topic: 'news' }],
    [[]],
    [null],
    ['subscribe'],
    [7],
  ])('reads no action in %j', (typed) => {
    expect(fromTypedFrame(typed)).toBeUndefined();
  });

  it('leaves a missing topic of a subscribe missing, for the schema to refuse', () => {
    expect(fromTypedFrame({ type: 'subscribe' })).toEqual({ action: 'subscribe', topic: undefined });
  });
});
