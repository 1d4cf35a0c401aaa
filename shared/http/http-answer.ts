/** An HTTP response, as far as it has arrived. */
export interface HttpAnswer {
  readonly status: number;
  /** The status line and the headers. */
  readonly head: string;
  /** The body, as far as it arrived together with the head; one character a byte. */
  readonly text: string;
  /** The rest of a body that arrived in several pieces. */
  readonly rest: readonly Buffer[];
  /** Whether the whole body has arrived. A body without a length ends with its connection. */
  readonly isWhole: boolean;
  /** The number of bytes that are known to be missing; 0 where the body's length is not known. */
  readonly missing: number;
  /** Whether the next request may go out on the same connection. */
  readonly keepsAlive: boolean;
}

type Body = Pick<HttpAnswer, 'text' | 'isWhole' | 'missing'> & {
  /** Whether unsolicited bytes follow the body. */
  readonly hasMore: boolean;
};

const LINE_END = '\r\n';
const HEAD_END = '\r\n\r\n';
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?![^ \r])/;
const CLOSES = /\r\nconnection:[^\r]*\bclose\b/i;
const CHUNKED = /\r\ntransfer-encoding:[^\r]*\bchunked\b/i;
const CONTENT_LENGTH = /\r\ncontent-length:[ \t]*(\d+)[ \t]*(?:\r|$)/i;
const CHUNK_SIZE = /^([0-9a-f]{1,8})[ \t]*(?:;|$)/i;

/**
 * Reads an HTTP/1.1 response from all bytes that have arrived, one character a byte. Returns undefined while the head
 * is incomplete. Nearly all responses arrive at once, so each call parses from the beginning.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112
 * @throws {HttpAnswerError} If the bytes are not a valid response.
 */
export function readAnswer(bytes: string): HttpAnswer | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const head = bytes.slice(0, headEnd);
  const line = STATUS_LINE.exec(head);
  if (line === null) throw new HttpAnswerError('The endpoint answered something that is not HTTP/1.1.');
  const status = Number(line[2]);
  const rest = bytes.slice(headEnd + HEAD_END.length);
  // 1xx responses are interim.
  if (status < 200) return readAnswer(rest);
  const { hasMore, ...body } = readBody(head, status, rest);
  return { status, head, ...body, rest: [], keepsAlive: body.isWhole && !hasMore && keepsAlive(head) };
}

/** Returns the body, as far as it has arrived. */
export const bodyOf = ({ text, rest }: HttpAnswer): Buffer =>
  rest.length === 0 ? Buffer.from(text, 'latin1') : Buffer.concat([Buffer.from(text, 'latin1'), ...rest]);

/** Whether the next request may go out on the same connection after a whole response with this head. */
const keepsAlive = (head: string): boolean => head.startsWith('HTTP/1.1') && !CLOSES.test(head);

/**
 * Adds a piece of the body to an answer whose missing bytes are known. Nothing may follow them: more bytes than are
 * missing cost the connection.
 */
export function withPiece(answer: HttpAnswer, piece: Buffer): HttpAnswer {
  const missing = Math.max(0, answer.missing - piece.length);
  const isWhole = missing === 0;
  return {
    ...answer,
    rest: [...answer.rest, piece.subarray(0, answer.missing)],
    missing,
    isWhole,
    keepsAlive: isWhole && piece.length <= answer.missing && keepsAlive(answer.head),
  };
}

/** Returns the value of a header, the first if there are several; empty if there is none. */
export function headerOf({ head }: HttpAnswer, name: string): string {
  const line = head.split(LINE_END).find((each) => each.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim() ?? '';
}

function readBody(head: string, status: number, rest: string): Body {
  if (status === 204 || status === 304) return bodyUpTo(rest, 0);
  if (CHUNKED.test(head)) return readChunks(rest);
  const length = CONTENT_LENGTH.exec(head)?.[1];
  return length === undefined
    ? { text: rest, isWhole: false, missing: 0, hasMore: false }
    : bodyUpTo(rest, Number(length));
}

const bodyUpTo = (rest: string, length: number): Body => ({
  text: rest.slice(0, length),
  isWhole: rest.length >= length,
  missing: Math.max(0, length - rest.length),
  hasMore: rest.length > length,
});

function readChunks(rest: string): Body {
  let text = '';
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf(LINE_END, at);
    if (lineEnd === -1) return { text, isWhole: false, missing: 0, hasMore: false };
    const size = CHUNK_SIZE.exec(rest.slice(at, lineEnd))?.[1];
    if (size === undefined) throw notInChunks();
    const length = Number.parseInt(size, 16);
    if (length === 0) return { text, missing: 0, ...readTrailer(rest, lineEnd) };
    const from = lineEnd + LINE_END.length;
    text += rest.slice(from, from + length);
    at = from + length + LINE_END.length;
    if (!LINE_END.startsWith(rest.slice(from + length, at))) throw notInChunks();
  }
}

const notInChunks = (): Error => new HttpAnswerError('Malformed chunked encoding in the response.');

/** A response that is not valid HTTP/1.1. */
class HttpAnswerError extends Error {
  override readonly name = 'HttpAnswerError';
  readonly code = 'BAD_HTTP_ANSWER';
}

/** Skips the trailer section: headers after the last chunk, up to an empty line. */
function readTrailer(rest: string, lineEnd: number): Omit<Body, 'text' | 'missing'> {
  const end = rest.indexOf(HEAD_END, lineEnd);
  return { isWhole: end !== -1, hasMore: end !== -1 && rest.length > end + HEAD_END.length };
}
