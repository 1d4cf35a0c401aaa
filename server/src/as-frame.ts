import { ClientError } from '../../shared/errors.ts';
import { checkFrameSize, parseFrame } from '../../shared/protocol/decode-frame.ts';

/** The fields of a frame. */
type Fields = Readonly<Record<string, unknown>>;

/**
 * Returns the frame that a client would have sent with these fields, as a route reads it: as JSON, and not over the
 * size limit. All that the route refuses of a frame is therefore refused here. Throws ClientError: `too-large`, and
 * `bad-frame` for a value that JSON cannot express.
 */
export function asFrame(fields: Fields): unknown {
  const { messages } = fields;
  if (Array.isArray(messages) && messages.some((message) => textOf(message) === undefined)) {
    throw notJson('messages', 'a message is no JSON');
  }
  const text = textOf(fields) ?? '';
  checkFrameSize(text);
  return parseFrame(text);
}

/** Returns a value as JSON; undefined for one that JSON leaves out, such as a function. */
function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    // Nesting that is too deep is a RangeError; a BigInt and a cycle are TypeErrors.
    throw notJson('data', cause instanceof RangeError ? 'nested too deep' : 'not expressible as JSON', cause);
  }
}

const notJson = (path: string, reason: string, cause?: unknown): ClientError =>
  new ClientError('bad-frame', 'The data cannot be stored as JSON.', { cause, details: [{ path, reason }] });
