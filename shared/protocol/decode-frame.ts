import type * as z from 'zod/mini';
import { ClientError } from '../errors.ts';
import { LIMITS } from './limits.ts';
import type { Fault } from './server-frames.ts';

/** Checks the size of a frame's text, before anything reads it. Throws ClientError: `too-large` over `FRAME_BYTES`. */
export function checkFrameSize(text: string): void {
  if (byteLength(text) <= LIMITS.FRAME_BYTES) return;
  throw new ClientError('too-large', `A frame is at most ${LIMITS.FRAME_BYTES} bytes.`);
}

/** Parses the text of a frame. Throws ClientError: `bad-json` for invalid JSON. */
export function parseFrame(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ClientError('bad-json', 'The frame is not JSON.', { cause });
  }
}

/**
 * Returns the parsed text of a frame that was refused before it was parsed, so that its error can repeat its `id`;
 * undefined for a text that is too large or no JSON.
 */
export function parsedIn(text: string): unknown {
  try {
    checkFrameSize(text);
    return parseFrame(text);
  } catch {
    return undefined;
  }
}

/**
 * Checks a parsed frame against its schema and returns it typed. Throws ClientError: `bad-topic` if only `topic` is
 * wrong (a text, but not a topic name), otherwise `bad-frame`. `details` lists up to `FAULTS` faults.
 */
export function decodeFrame<S extends z.ZodMiniType>(schema: S, frame: unknown): z.infer<S> {
  const result = schema.safeParse(frame);
  if (result.success && !hidesPosition(frame)) return result.data;
  const details = result.success ? [HIDDEN_POSITION] : faultsIn(result.error);
  const topicOnly =
    isObject(frame) && typeof frame['topic'] === 'string' && details.every(({ path }) => path === 'topic');
  if (topicOnly) throw new ClientError('bad-topic', 'The topic name is invalid.', { details });
  throw new ClientError('bad-frame', 'The frame is not a frame of the protocol.', { details });
}

const HIDDEN_POSITION = { path: 'positions.__proto__', reason: 'not a topic name' } as const;

/** Whether `positions` has the key `__proto__`. zod drops this key of a record silently, so it is refused here. */
const hidesPosition = (frame: unknown): boolean =>
  isObject(frame) && isObject(frame['positions']) && Object.hasOwn(frame['positions'], '__proto__');

/** The field of a frame whose JSON is stored. */
interface StoredField {
  readonly field: 'data' | 'state';
  readonly maxBytes: number;
}

const DATA: StoredField = { field: 'data', maxBytes: LIMITS.DATA_BYTES };

/**
 * Returns the data of a message, or the value of another field, as the JSON text that is stored and delivered. Throws
 * ClientError: `too-large` over `maxBytes`, by default `DATA_BYTES`; `bad-frame` for a value that is nested too deep or
 * has a number beyond the range of a double.
 */
export function encodeData(data: unknown, { field, maxBytes }: StoredField = DATA): string {
  const text = stringify(data, field);
  // JSON.parse reads 1e999 as Infinity, which JSON.stringify writes as null: the number would be lost silently.
  if (text.includes('null') && hasInfinity(data)) throw badData('a number is out of range', { field });
  if (byteLength(text) <= maxBytes) return text;
  throw new ClientError('too-large', `\`${field}\` is at most ${maxBytes} bytes as JSON.`);
}

/** Whether `value` is a JSON object. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the size of a text in bytes of UTF-8. */
export const byteLength = (text: string): number => encoder.encode(text).byteLength;

const encoder = new TextEncoder();

function stringify(data: unknown, field: StoredField['field']): string {
  try {
    return JSON.stringify(data);
  } catch (cause) {
    // V8 parses nesting iteratively but writes it recursively: a few thousand levels overflow its stack.
    throw badData('nested too deep', { field, cause });
  }
}

const badData = (
  reason: string,
  { field, cause }: { readonly field: StoredField['field']; readonly cause?: unknown },
): ClientError =>
  new ClientError('bad-frame', `The ${field} cannot be stored as JSON.`, { cause, details: [{ path: field, reason }] });

/** Whether data has an infinite number, at any depth. Its JSON was just written, so the recursion is not too deep. */
const hasInfinity = (data: unknown): boolean =>
  typeof data === 'object' && data !== null
    ? Object.values(data).some(hasInfinity)
    : data === Infinity || data === -Infinity;

/** Returns the faults that a schema found: the first `FAULTS` of them. */
export const faultsIn = ({ issues }: z.core.$ZodError): readonly Fault[] =>
  issues.flatMap(faultsOf).slice(0, LIMITS.FAULTS);

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: cut(path.join('.')), reason: cut(issue.message) }];
  return issue.keys.map((key) => ({ path: cut([...path, key].join('.')), reason: 'unknown field' }));
}

/** Cuts a text of the client to `ECHO_LENGTH` characters, because an error must not be larger than its frame. */
export const cut = (text: string): string =>
  text.length <= LIMITS.ECHO_LENGTH ? text : `${text.slice(0, LIMITS.ECHO_LENGTH)}…`;
