import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { judgeAppend, producerToForget, type StreamAppend } from '../../../../shared/store/judge-append.ts';
import type { ProducerMark, StreamState } from '../../../../shared/store/stream-state.ts';

const NOW_MS = 10 * STORE_BOUNDS.PRODUCER_MS;

const open: StreamState = {
  topic: 'news',
  life: 'a',
  settings: { contentType: 'text/plain; charset=utf-8' },
  epoch: 'e',
  seq: 3,
  newest: [],
  segments: [],
  isClosed: false,
  streamSeq: 'b',
  producers: new Map([['p', { epoch: 2, seq: 5, at: 0 }]]),
  forks: 0,
  isGone: false,
  publishedAt: 0,
};

const append: StreamAppend = { topic: 'news', messages: ['"x"'], mediaType: 'text/plain', closes: false };

const closing: StreamAppend = { topic: 'news', messages: [], closes: true };

const by = (epoch: number, seq: number, id = 'p') => ({ producer: { id, epoch, seq } });

const closedBy = { ...open, isClosed: true, closedBy: { id: 'p', epoch: 2, seq: 5 } };

describe('an append is judged', () => {
  it.each<[string, StreamState | undefined, StreamAppend, object | undefined]>([
    ['to no stream', undefined, append, { refused: 'missing' }],
    ['to one whose time is over', { ...open, endsAt: NOW_MS }, append, { refused: 'missing' }],
    ['to one that still has time', { ...open, endsAt: NOW_MS + 1 }, append, undefined],
    ['to one that was deleted', { ...open, isGone: true }, append, { refused: 'gone' }],
    [
      'to a closed one, of another content type',
      { ...open, isClosed: true },
      { ...append, mediaType: 'a/b' },
      { refused: 'closed' },
    ],
    ['that closes a closed one again', { ...open, isClosed: true }, closing, { refused: 'repeated' }],
    ['that is the one that closed it', closedBy, { ...append, ...by(2, 5) }, { refused: 'repeated', highest: 5 }],
    ['of the closing producer, but another one', closedBy, { ...closing, ...by(2, 6) }, { refused: 'closed' }],
    [
      'of an earlier epoch, to a closed one',
      closedBy,
      { ...append, ...by(1, 0) },
      { refused: 'stale-epoch', epoch: 2 },
    ],
    ['of another content type', open, { ...append, mediaType: 'application/json' }, { refused: 'content-type' }],
    ['that closes, whatever its content type', open, closing, undefined],
    ['with the same Stream-Seq', open, { ...append, streamSeq: 'b' }, { refused: 'stream-seq' }],
    ['with a later Stream-Seq', open, { ...append, streamSeq: 'ba' }, undefined],
    ['with the next number', open, { ...append, ...by(2, 6) }, undefined],
    ['with a number that was there', open, { ...append, ...by(2, 3) }, { refused: 'repeated', highest: 5 }],
    [
      'that is a repeat, with a Stream-Seq',
      open,
      { ...append, ...by(2, 5), streamSeq: 'a' },
      { refused: 'repeated', highest: 5 },
    ],
    ['with a gap', open, { ...append, ...by(2, 8) }, { refused: 'gap', expected: 6 }],
    ['of an earlier epoch', open, { ...append, ...by(1, 6) }, { refused: 'stale-epoch', epoch: 2 }],
    ['of a later epoch', open, { ...append, ...by(3, 0) }, undefined],
    ['of a later epoch, not from its beginning', open, { ...append, ...by(3, 1) }, { refused: 'late-epoch' }],
    ['of a new producer', open, { ...append, ...by(7, 0, 'q') }, undefined],
    [
      'of a new producer, not from its beginning',
      open,
      { ...append, ...by(0, 1, 'q') },
      { refused: 'gap', expected: 0 },
    ],
  ])('%s', (...[, state, request, expected]) => {
    expect(judgeAppend(state, request, NOW_MS)).toEqual(expected);
  });
});

describe('a stream with as many producers as it remembers', () => {
  const full = (at: number): StreamState => ({
    ...open,
    producers: new Map(
      Array.from({ length: STORE_BOUNDS.PRODUCERS }, (_, i): [string, ProducerMark] => [
        `p${i}`,
        { epoch: 0, seq: 0, at: at + i },
      ]),
    ),
  });

  it('forgets the one that was silent for longest, if it was for long enough', () => {
    expect(producerToForget(full(0), { ...append, ...by(0, 0, 'q') }, NOW_MS)).toBe('p0');
    expect(judgeAppend(full(0), { ...append, ...by(0, 0, 'q') }, NOW_MS)).toBeUndefined();
  });

  it('refuses a new one while all of them are young, and takes the known ones', () => {
    expect(judgeAppend(full(NOW_MS), { ...append, ...by(0, 0, 'q') }, NOW_MS)).toEqual({ refused: 'too-many' });
    expect(judgeAppend(full(NOW_MS), { ...append, ...by(0, 1, 'p3') }, NOW_MS)).toBeUndefined();
  });
});
