import fc from 'fast-check';
import { ClientError } from '../../shared/errors.ts';
import { CLIENT_FRAMES } from '../../shared/protocol/client-frames.ts';
import { byteLength, decodeFrame, encodeData, isObject, parseFrame } from '../../shared/protocol/decode-frame.ts';
import { ERROR_CODES } from '../../shared/protocol/error-codes.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { fromTypedFrame } from '../../shared/protocol/typed-frame.ts';

const RUNS = 5_000;

/** The pattern of a text that shows the inside: a stack, a file, a package, a table, an ARN, an error of the engine. */
const INSIDE = /\bat .+:\d+|\.ts\b|node_modules|zod|dynamo|arn:|TypeError|SyntaxError|RangeError|undefined is not/i;

const topic = fc.constantFrom('news', 'counter:a', 'a/b', 'x'.repeat(128));
const position = fc.oneof(
  fc.record({ epoch: fc.constant('e1'), seq: fc.nat() }),
  // Before the first publish there is only one position.
  fc.constant({ epoch: null, seq: 0 }),
);
const id = fc.option(fc.constantFrom('1', 'x'.repeat(64)), { nil: undefined });
const counterFields = { counter: fc.constantFrom('a', 'b/c'), by: fc.integer({ min: 1, max: 9 }), id };

/** Whole frames of each action, with and without their options. */
const validFrame = fc.oneof(
  fc.record({ action: fc.constant('subscribe'), topic, id, position, history: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ action: fc.constant('unsubscribe'), topic, id }),
  fc.record({ action: fc.constant('publish'), topic, data: fc.jsonValue(), id, echo: fc.boolean() }),
  fc.record({
    action: fc.constant('publish'),
    topic,
    messages: fc.array(fc.jsonValue(), { minLength: 1, maxLength: 50 }),
  }),
  fc.record({ action: fc.constant('plus'), ...counterFields, max: fc.nat() }),
  fc.record({ action: fc.constant('minus'), ...counterFields, key: fc.constant('k') }),
  fc.record({ action: fc.constant('onMessage'), message: fc.jsonValue(), id }),
  fc.record({ action: fc.constant('ping'), positions: fc.dictionary(topic, position), id }),
);

const anyKey = fc.oneof(
  fc.constantFrom('action', 'id', 'topic', 'data', 'position', 'positions', 'by', 'min', 'max', 'key', 'type'),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty'),
  fc.string(),
);

/** A whole frame of which one field is something else, or missing, or one too many. */
const mutatedFrame = fc
  .tuple(validFrame, anyKey, fc.option(fc.jsonValue({ maxDepth: 4 }), { nil: undefined }))
  .map(([frame, key, value]) => {
    const entries = Object.entries({ ...frame }).filter(([name]) => name !== key);
    return JSON.stringify(Object.fromEntries(value === undefined ? entries : [...entries, [key, value]]));
  });

/** The text of a whole frame, cut, doubled or with a letter changed. */
const brokenText = fc
  .tuple(validFrame, fc.nat(), fc.string({ unit: 'binary', maxLength: 3 }))
  .map(([frame, at, piece]) => {
    const text = JSON.stringify(frame);
    const cut = at % (text.length + 1);
    return `${text.slice(0, cut)}${piece}${text.slice(cut + piece.length)}`;
  });

const anyText = fc.oneof(
  { arbitrary: mutatedFrame, weight: 4 },
  { arbitrary: brokenText, weight: 3 },
  { arbitrary: fc.json({ stringUnit: 'binary' }), weight: 2 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 200 }), weight: 1 },
);

/** All that the edge does with a text: parse, find its schema by action or type, check, write its data. */
function decode(text: string): unknown {
  const parsed = parseFrame(text);
  const action = isObject(parsed) ? parsed['action'] : undefined;
  const schemas: ReadonlyMap<unknown, (typeof CLIENT_FRAMES)[keyof typeof CLIENT_FRAMES]> = new Map(
    Object.entries(CLIENT_FRAMES),
  );
  const frame: unknown = decodeFrame(schemas.get(action) ?? CLIENT_FRAMES.publish, fromTypedFrame(parsed) ?? parsed);
  if (isObject(frame) && 'data' in frame) encodeData(frame['data']);
  return frame;
}

describe('decoding, of any text', () => {
  it('gives a frame or a client error that shows nothing of the inside', () => {
    const outcomes = { frames: 0, refusals: 0 };

    fc.assert(
      fc.property(anyText, (text) => {
        try {
          decode(text);
          outcomes.frames += 1;
        } catch (error) {
          if (!(error instanceof ClientError)) throw error;
          outcomes.refusals += 1;
          expect(Object.keys(ERROR_CODES)).toContain(error.code);
          expect(error.message).not.toMatch(INSIDE);
          expect(error.details.length).toBeLessThanOrEqual(LIMITS.FAULTS);
          for (const { path, reason } of error.details) {
            expect(reason).not.toMatch(INSIDE);
            expect(Math.max(path.length, reason.length)).toBeLessThanOrEqual(LIMITS.ECHO_LENGTH + 1);
          }
        }
      }),
      { numRuns: RUNS },
    );

    // Both ways were walked often: a generator that makes only one kind would prove nothing.
    expect(outcomes.frames).toBeGreaterThan(RUNS / 20);
    expect(outcomes.refusals).toBeGreaterThan(RUNS / 4);
  });

  it('takes every whole frame as it is', () => {
    fc.assert(
      fc.property(validFrame, (frame) => {
        const text = JSON.stringify(frame);

        expect(decode(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('writes data as JSON of the very same meaning', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        const data: unknown = JSON.parse(text);
        fc.pre(byteLength(text) < LIMITS.DATA_BYTES);

        expect(JSON.parse(encodeData(data))).toEqual(data);
      }),
    );
  });
});
