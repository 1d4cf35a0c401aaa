import type * as z from 'zod/mini';
import { ClientError } from '../errors.ts';
import { LIMITS } from './limits.ts';
import type { Fault } from './server-frames.ts';

/** Parses the text of a frame. Throws `too-large` or `bad-json`. */
export function parseFrame(text: string): unknown {
  if (byteLength(text) > LIMITS.FRAME_BYTES) {
    throw new ClientError('too-large', `A frame is at most ${LIMITS.FRAME_BYTES} bytes.`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ClientError('bad-json', 'The frame is not JSON.', { cause });
  }
}

/** Checks a parsed frame against its schema. Throws `bad-topic` when only the topic is wrong, else `bad-frame`. */
export function decodeFrame<S extends z.ZodMiniType>(schema: S, frame: unknown): z.infer<S> {
  const result = schema.safeParse(frame);
  if (result.success && !hidesPosition(frame)) return result.data;
  const details = result.success ? [HIDDEN_POSITION] : result.error.issues.flatMap(faultsOf).slice(0, LIMITS.FAULTS);
  const topicOnly =
    isObject(frame) && typeof frame['topic'] === 'string' && details.every(({ path }) => path === 'topic');
  if (topicOnly) throw new ClientError('bad-topic', 'That is not a topic name.', { details });
  throw new ClientError('bad-frame', 'The frame is not one of the protocol.', { details });
}

const HIDDEN_POSITION = { path: 'positions.__proto__', reason: 'not a topic name' } as const;

/** zod drops this one key of a record unseen, and nothing is to be dropped in silence. */
const hidesPosition = (frame: unknown): boolean =>
  isObject(frame) && isObject(frame['positions']) && Object.hasOwn(frame['positions'], '__proto__');

/**
 * `data` as the JSON text that is stored and delivered. Throws `too-large`, or `bad-frame` when it is nested too deep.
 */
export function encodeData(data: unknown): string {
  const text = stringify(data);
  // JSON has no infinity: 1e999 is read as one, and would be written as null without a word.
  if (text.includes('null') && hasInfinity(data)) throw badData('a number is out of range');
  if (byteLength(text) <= LIMITS.DATA_BYTES) return text;
  throw new ClientError('too-large', `\`data\` is at most ${LIMITS.DATA_BYTES} bytes as JSON.`);
}

/** Whether `value` is a JSON object. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Size of a text on the wire. */
export const byteLength = (text: string): number => encoder.encode(text).byteLength;

const encoder = new TextEncoder();

function stringify(data: unknown): string {
  try {
    return JSON.stringify(data);
  } catch (cause) {
    // V8 parses nesting iteratively but writes it recursively: a few thousand levels overflow its stack.
    throw badData('nested too deep', cause);
  }
}

const badData = (reason: string, cause?: unknown): ClientError =>
  new ClientError('bad-frame', 'The data cannot be passed on.', { cause, details: [{ path: 'data', reason }] });

/** `data` was just written as JSON, so it is nested no deeper than that can go. */
const hasInfinity = (data: unknown): boolean =>
  typeof data === 'object' && data !== null
    ? Object.values(data).some(hasInfinity)
    : data === Infinity || data === -Infinity;

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: cut(path.join('.')), reason: cut(issue.message) }];
  return issue.keys.map((key) => ({ path: cut([...path, key].join('.')), reason: 'unknown field' }));
}

/** A client's own text is repeated only in part: an answer must not be larger than its question. */
const cut = (text: string): string =>
  text.length <= LIMITS.ECHO_LENGTH ? text : `${text.slice(0, LIMITS.ECHO_LENGTH)}…`;
