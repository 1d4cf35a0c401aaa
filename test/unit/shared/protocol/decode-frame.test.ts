import { ClientError } from '../../../../shared/errors.ts';
import { CLIENT_FRAMES } from '../../../../shared/protocol/client-frames.ts';
import {
  byteLength,
  checkFrameSize,
  decodeFrame,
  encodeData,
  parseFrame,
} from '../../../../shared/protocol/decode-frame.ts';
import { LIMITS } from '../../../../shared/protocol/limits.ts';

function refusalOf(act: () => unknown): ClientError {
  try {
    act();
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('the size of a frame', () => {
  it('may be up to the limit, in bytes', () => {
    const text = JSON.stringify('é'.repeat((LIMITS.FRAME_BYTES - 2) / 2));

    expect(byteLength(text)).toBe(LIMITS.FRAME_BYTES);
    expect(() => checkFrameSize(text)).not.toThrow();
  });

  it('is refused with one byte more', () => {
    expect(refusalOf(() => checkFrameSize('x'.repeat(LIMITS.FRAME_BYTES + 1))).code).toBe('too-large');
  });
});

describe('parseFrame', () => {
  it.each([
    '',
    'hello',
    '{',
    '{"action":"ping",}',
    "{'action':'ping'}",
    '{action:"ping"}',
    '\u0000',
    'undefined',
    'NaN',
  ])('refuses %j, which is not JSON, and repeats nothing of it', (text) => {
    const { code, message, details } = refusalOf(() => parseFrame(text));

    expect([code, message, details]).toEqual(['bad-json', 'The frame is not JSON.', []]);
  });

  it('parses nesting as deep as a frame can hold', () => {
    expect(Array.isArray(parseFrame(nested(16_000)))).toBe(true);
  });
});

describe('decodeFrame', () => {
  it.each([null, 1, 'x', true, [], [{ action: 'ping' }]])('refuses %j, which is no object', (frame) => {
    expect(refusalOf(() => decodeFrame(CLIENT_FRAMES.ping, frame)).code).toBe('bad-frame');
  });

  it('names each fault by its path and reason', () => {
    const frame = { action: 'subscribe', topic: 'news', position: { epoch: 'e', seq: -1 }, extra: 1 };

    const { details } = refusalOf(() => decodeFrame(CLIENT_FRAMES.subscribe, frame));

    expect(details).toEqual(
      expect.arrayContaining([
        { path: 'extra', reason: 'unknown field' },
        { path: 'position.seq', reason: expect.any(String) as string },
      ]),
    );
    expect(details).toHaveLength(2);
  });

  it('names only so many faults', () => {
    const frame = { action: 'ping', ...Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`x${i}`, 1])) };

    expect(refusalOf(() => decodeFrame(CLIENT_FRAMES.ping, frame)).details).toHaveLength(LIMITS.FAULTS);
  });

  it("repeats only so much of a client's text", () => {
    const long = 'x'.repeat(20_000);
    const { details } = refusalOf(() => decodeFrame(CLIENT_FRAMES.ping, { action: 'ping', [long]: 1 }));

    expect(details).toEqual([{ path: `${'x'.repeat(LIMITS.ECHO_LENGTH)}…`, reason: 'unknown field' }]);
  });

  it('refuses positions that hide one under __proto__, which would be dropped in silence', () => {
    const frame = parseFrame('{"action":"ping","positions":{"__proto__":{"epoch":null,"seq":0}}}');

    const { code, details } = refusalOf(() => decodeFrame(CLIENT_FRAMES.ping, frame));

    expect([code, details.map(({ path }) => path)]).toEqual(['bad-frame', ['positions.__proto__']]);
  });

  it('finds a topic fault as such when the field names are many', () => {
    expect(
      refusalOf(() => decodeFrame(CLIENT_FRAMES.unsubscribe, { action: 'unsubscribe', topic: '!' })).details,
    ).toEqual([{ path: 'topic', reason: 'not a topic name' }]);
  });
});

describe('encodeData', () => {
  it('takes data up to the limit, in bytes as JSON', () => {
    const largest = 'é'.repeat((LIMITS.DATA_BYTES - 2) / 2);

    expect(byteLength(encodeData(largest))).toBe(LIMITS.DATA_BYTES);
    expect(refusalOf(() => encodeData(`${largest}x`)).code).toBe('too-large');
  });

  it('counts what escaping adds', () => {
    expect(refusalOf(() => encodeData('\n'.repeat(LIMITS.DATA_BYTES / 2))).code).toBe('too-large');
  });

  it('refuses what is nested deeper than it can be written', () => {
    const outcome = refusalOf(() => encodeData(JSON.parse(nested(1_000_000))));

    expect([outcome.code, outcome.details]).toEqual(['bad-frame', [{ path: 'data', reason: 'nested too deep' }]]);
  });

  it.each(['1e999', '[null,-1e999]', '{"a":[{"b":1e999}]}'])('refuses %s, which JSON could not write again', (text) => {
    const { code, details } = refusalOf(() => encodeData(JSON.parse(text)));

    expect([code, details]).toEqual(['bad-frame', [{ path: 'data', reason: 'a number is out of range' }]]);
  });

  it.each(['null', '[null,"null"]', '0', '""', '{"__proto__":{"a":1}}', '"\\ud800"', '[[],{}]'])(
    'writes %s as it was',
    (text) => {
      expect(encodeData(JSON.parse(text))).toBe(text);
    },
  );
});

describe('a refusal', () => {
  it.each([
    ['too-large', () => checkFrameSize('x'.repeat(LIMITS.FRAME_BYTES + 1)), `most ${LIMITS.FRAME_BYTES} bytes`],
    ['too-large', () => encodeData('x'.repeat(LIMITS.DATA_BYTES)), `\`data\` is at most ${LIMITS.DATA_BYTES} bytes`],
    ['bad-json', () => parseFrame('{'), 'not JSON'],
    ['bad-frame', () => encodeData(JSON.parse('1e999')), 'cannot be stored as JSON'],
    ['bad-frame', () => decodeFrame(CLIENT_FRAMES.subscribe, {}), 'not a frame of the protocol'],
    ['bad-topic', () => decodeFrame(CLIENT_FRAMES.subscribe, { action: 'subscribe', topic: 'a b' }), 'topic name'],
  ])('with %s says what is wrong', (code, act, text) => {
    expect(refusalOf(act)).toMatchObject({ code, message: expect.stringContaining(text) });
  });

  it('of invalid JSON keeps what the parser said', () => {
    expect(refusalOf(() => parseFrame('{')).cause).toMatchObject({ name: 'SyntaxError' });
  });

  it('names an unknown field inside another by its whole path', () => {
    const position = { epoch: 'e1', seq: 1, more: 1 };

    const { details } = refusalOf(() =>
      decodeFrame(CLIENT_FRAMES.subscribe, { action: 'subscribe', topic: 'a', position }),
    );

    expect(details).toEqual([{ path: 'position.more', reason: 'unknown field' }]);
  });

  it('shows a name of the longest length whole, and cuts a longer one', () => {
    const name = 'x'.repeat(LIMITS.ECHO_LENGTH);

    const pathOf = (field: string) =>
      refusalOf(() => decodeFrame(CLIENT_FRAMES.subscribe, { action: 'subscribe', topic: 'a', [field]: 1 })).details;

    expect(pathOf(name)).toEqual([{ path: name, reason: 'unknown field' }]);
    expect(pathOf(`${name}x`)).toEqual([{ path: `${name}…`, reason: 'unknown field' }]);
  });
});
