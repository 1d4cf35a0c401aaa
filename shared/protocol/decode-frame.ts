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
  if (result.success) return result.data;
  const details = result.error.issues.flatMap(faultsOf).slice(0, LIMITS.FAULTS);
  const topicOnly =
    isObject(frame) && typeof frame['topic'] === 'string' && details.every(({ path }) => path === 'topic');
  if (topicOnly) throw new ClientError('bad-topic', 'That is not a topic name.', { details });
  throw new ClientError('bad-frame', 'The frame is not one of the protocol.', { details });
}

/** `data` as the JSON text that is stored and delivered. Throws `too-large`, or `bad-frame` when it is nested too deep. */
export function encodeData(data: unknown): string {
  const text = stringify(data);
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
    throw new ClientError('bad-frame', '`data` is nested too deep.', {
      cause,
      details: [{ path: 'data', reason: 'nested too deep' }],
    });
  }
}

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: cut(path.join('.')), reason: cut(issue.message) }];
  return issue.keys.map((key) => ({ path: cut([...path, key].join('.')), reason: 'unknown field' }));
}

/** A client's own text is repeated only in part: an answer must not be larger than its question. */
const cut = (text: string): string =>
  text.length <= LIMITS.ECHO_LENGTH ? text : `${text.slice(0, LIMITS.ECHO_LENGTH)}…`;
