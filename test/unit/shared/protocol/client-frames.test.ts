import { CLIENT_FRAMES, type Action } from '../../../../shared/protocol/client-frames.ts';
import { decodeFrame } from '../../../../shared/protocol/decode-frame.ts';
import { LIMITS } from '../../../../shared/protocol/limits.ts';

type Frame = { readonly action: Action } & Readonly<Record<string, unknown>>;

/** The code of the refusal, or undefined for a frame that is taken. */
function codeOf(frame: Frame): string | undefined {
  try {
    decodeFrame(CLIENT_FRAMES[frame.action], frame);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const TOPIC = 't'.repeat(LIMITS.TOPIC_LENGTH);
const COUNTER = 'c'.repeat(LIMITS.TOPIC_LENGTH - 'counter:'.length);
const positions = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, { epoch: null, seq: 0 }]));

describe('the frames of a client', () => {
  it.each<Frame>([
    { action: 'subscribe', topic: 'news' },
    { action: 'subscribe', topic: 'news', id: '1', position: { epoch: 'e', seq: 3 }, history: 5, batch: true },
    { action: 'subscribe', topic: 'news', position: { epoch: null, seq: 0 } },
    { action: 'subscribe', topic: 'counter:global-counter' },
    { action: 'unsubscribe', topic: 'A-Z/a_z.0:9' },
    { action: 'publish', topic: 'news', data: null },
    { action: 'publish', topic: 'news', messages: [null] },
    { action: 'publish', topic: 'news', messages: Array.from({ length: 50 }, (_, n) => ({ n })), key: 'k1' },
    { action: 'publish', topic: 'news', data: { a: [1, 'x', { b: false }] }, key: 'k!~', echo: false },
    { action: 'plus' },
    { action: 'minus', counter: 'votes/a', by: 3, min: -1, max: 10, key: 'k' },
    { action: 'plus', min: 1, max: 1 },
    { action: 'onMessage', message: 'hello' },
    { action: 'ping' },
    { action: 'ping', id: 'x', positions: { news: { epoch: 'e', seq: 1 }, 'counter:a': { epoch: null, seq: 0 } } },
  ])('are taken as they are: %j', (frame) => {
    expect(decodeFrame(CLIENT_FRAMES[frame.action], frame)).toEqual(frame);
  });

  it.each<[string, Frame, Frame]>([
    ['topic', { action: 'subscribe', topic: TOPIC }, { action: 'subscribe', topic: `${TOPIC}t` }],
    ['counter', { action: 'plus', counter: COUNTER }, { action: 'plus', counter: `${COUNTER}c` }],
    [
      'id',
      { action: 'ping', id: 'i'.repeat(LIMITS.ID_LENGTH) },
      { action: 'ping', id: 'i'.repeat(LIMITS.ID_LENGTH + 1) },
    ],
    ['id from below', { action: 'ping', id: 'i' }, { action: 'ping', id: '' }],
    [
      'key',
      { action: 'plus', key: 'k'.repeat(LIMITS.KEY_LENGTH) },
      { action: 'plus', key: 'k'.repeat(LIMITS.KEY_LENGTH + 1) },
    ],
    ['key from below', { action: 'plus', key: 'k' }, { action: 'plus', key: '' }],
    [
      'epoch',
      { action: 'subscribe', topic: 't', position: { epoch: 'e'.repeat(LIMITS.EPOCH_LENGTH), seq: 0 } },
      { action: 'subscribe', topic: 't', position: { epoch: 'e'.repeat(LIMITS.EPOCH_LENGTH + 1), seq: 0 } },
    ],
    [
      'history',
      { action: 'subscribe', topic: 't', history: LIMITS.HISTORY },
      { action: 'subscribe', topic: 't', history: LIMITS.HISTORY + 1 },
    ],
    [
      'history from below',
      { action: 'subscribe', topic: 't', history: 1 },
      { action: 'subscribe', topic: 't', history: 0 },
    ],
    ['by', { action: 'plus', by: LIMITS.COUNTER_STEP }, { action: 'plus', by: LIMITS.COUNTER_STEP + 1 }],
    ['by from below', { action: 'minus', by: 1 }, { action: 'minus', by: 0 }],
    ['max', { action: 'plus', max: LIMITS.COUNTER_VALUE }, { action: 'plus', max: LIMITS.COUNTER_VALUE + 1 }],
    ['min', { action: 'plus', min: -LIMITS.COUNTER_VALUE }, { action: 'plus', min: -LIMITS.COUNTER_VALUE - 1 }],
    ['min under max', { action: 'plus', min: 5, max: 5 }, { action: 'plus', min: 6, max: 5 }],
    [
      'seq',
      { action: 'subscribe', topic: 't', position: { epoch: 'e', seq: Number.MAX_SAFE_INTEGER } },
      { action: 'subscribe', topic: 't', position: { epoch: 'e', seq: Number.MAX_SAFE_INTEGER + 1 } },
    ],
    [
      'seq from below',
      { action: 'subscribe', topic: 't', position: { epoch: 'e', seq: 0 } },
      { action: 'subscribe', topic: 't', position: { epoch: 'e', seq: -1 } },
    ],
    [
      'positions',
      { action: 'ping', positions: positions(LIMITS.TOPICS_PER_CONNECTION) },
      { action: 'ping', positions: positions(LIMITS.TOPICS_PER_CONNECTION + 1) },
    ],
  ])('are taken at the limit of %s and refused one past it', (_, at, past) => {
    expect(codeOf(at)).toBeUndefined();
    expect(codeOf(past)).toMatch(/^bad-(frame|topic)$/);
  });

  it.each<Frame>([
    { action: 'subscribe', topic: 'news', hist: 5 },
    { action: 'subscribe', topic: 'news', batch: false },
    { action: 'subscribe', topic: 'news', position: { seq: 1 } },
    { action: 'subscribe', topic: 'news', position: { epoch: 'e', seq: 1.5 } },
    { action: 'subscribe', topic: 'news', position: { epoch: 'e', seq: 1, x: 1 } },
    { action: 'subscribe', topic: 'news', position: { epoch: '', seq: 1 } },
    { action: 'subscribe', topic: 'news', position: { epoch: null, seq: 1 } },
    { action: 'subscribe', topic: 'news', position: { epoch: 'é', seq: 1 } },
    { action: 'subscribe', topic: 'news', position: null },
    { action: 'publish', topic: 'news' },
    { action: 'publish', topic: 'news', messages: [] },
    { action: 'publish', topic: 'news', messages: Array.from({ length: 51 }, () => 1) },
    { action: 'publish', topic: 'news', messages: 'one' },
    { action: 'publish', topic: 'news', messages: [1], data: 1 },
    { action: 'publish', topic: 'news', messages: [1], data: null },
    { action: 'publish', topic: 'news', data: 1, echo: 'no' },
    { action: 'publish', topic: 'news', data: 1, key: 'white space' },
    { action: 'publish', topic: 'news', data: 1, key: 'é' },
    { action: 'publish', topic: 'news', data: 1, id: 7 },
    { action: 'onMessage' },
    { action: 'onMessage', data: 'x' },
    { action: 'plus', by: '1' },
    { action: 'plus', by: 0.5 },
    { action: 'plus', by: -1 },
    { action: 'plus', counter: '/a' },
    { action: 'plus', counter: 7 },
    { action: 'minus', max: null },
    { action: 'ping', positions: [] },
    { action: 'ping', positions: { news: 3 } },
    { action: 'ping', positions: { 'no topic!': { epoch: null, seq: 0 } } },
    { action: 'ping', positions: { 'counter:': { epoch: null, seq: 0 } } },
    { action: 'subscribe' },
    { action: 'subscribe', topic: 7 },
  ])('are refused with bad-frame: %j', (frame) => {
    expect(codeOf(frame)).toBe('bad-frame');
  });

  it.each([
    '',
    '/news',
    'news/',
    '/',
    'a b',
    'é',
    'news#0',
    '@ping',
    'a\n',
    '*',
    'news*',
    'counter:*',
    'counter:',
    'counter:/a',
  ])('are refused with bad-topic when only the topic is wrong: %j', (topic) => {
    const codes = [
      codeOf({ action: 'subscribe', topic }),
      codeOf({ action: 'unsubscribe', topic }),
      codeOf({ action: 'publish', topic, data: 1 }),
    ];

    expect(codes).toEqual(['bad-topic', 'bad-topic', 'bad-topic']);
  });

  it('are refused with bad-frame when more than the topic is wrong', () => {
    expect(codeOf({ action: 'subscribe', topic: '/news', history: 0 })).toBe('bad-frame');
  });

  it('are refused by the schema of another action', () => {
    expect(() => decodeFrame(CLIENT_FRAMES.plus, { action: 'minus' })).toThrow(
      expect.objectContaining({ code: 'bad-frame' }),
    );
  });
});
