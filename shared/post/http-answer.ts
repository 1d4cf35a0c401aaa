/** What came of an answer. */
export interface CallbackAnswer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  /** The body, as far as it came; one character a byte. */
  readonly text: string;
  /** Whether all of it came. One without a length ends with its connection. */
  readonly isWhole: boolean;
  /** Whether the next request may go out on the same connection. */
  readonly keepsAlive: boolean;
}

type Body = Pick<CallbackAnswer, 'text' | 'isWhole'> & {
  /** Nobody asked for what comes behind it. */
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
 * Reads an answer of HTTP/1.1 from all that came so far, one character a byte; nothing while its head is not complete.
 * Answers to posts are some hundred bytes and come at once, so it begins anew with what comes behind.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112
 * @throws {Error} For what is no such answer.
 */
export function readAnswer(bytes: string): CallbackAnswer | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const head = bytes.slice(0, headEnd);
  const line = STATUS_LINE.exec(head);
  if (line === null) throw new Error('The callback endpoint answered something that is not HTTP/1.1.');
  const status = Number(line[2]);
  const rest = bytes.slice(headEnd + HEAD_END.length);
  // 100 and its like are no answer yet.
  if (status < 200) return readAnswer(rest);
  const { text, isWhole, hasMore } = readBody(head, status, rest);
  return { status, head, text, isWhole, keepsAlive: isWhole && !hasMore && line[1] === '1' && !CLOSES.test(head) };
}

/** The value of a header, the first if it is there twice; empty if it is not. */
export function headerOf({ head }: CallbackAnswer, name: string): string {
  const line = head.split(LINE_END).find((each) => each.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim() ?? '';
}

function readBody(head: string, status: number, rest: string): Body {
  if (status === 204 || status === 304) return bodyUpTo(rest, 0);
  if (CHUNKED.test(head)) return readChunks(rest);
  const length = CONTENT_LENGTH.exec(head)?.[1];
  return length === undefined ? { text: rest, isWhole: false, hasMore: false } : bodyUpTo(rest, Number(length));
}

const bodyUpTo = (rest: string, length: number): Body => ({
  text: rest.slice(0, length),
  isWhole: rest.length >= length,
  hasMore: rest.length > length,
});

function readChunks(rest: string): Body {
  let text = '';
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf(LINE_END, at);
    if (lineEnd === -1) return { text, isWhole: false, hasMore: false };
    const size = CHUNK_SIZE.exec(rest.slice(at, lineEnd))?.[1];
    if (size === undefined) throw notInChunks();
    const length = Number.parseInt(size, 16);
    if (length === 0) return { text, ...readTrailer(rest, lineEnd) };
    const from = lineEnd + LINE_END.length;
    text += rest.slice(from, from + length);
    at = from + length + LINE_END.length;
    if (!LINE_END.startsWith(rest.slice(from + length, at))) throw notInChunks();
  }
}

const notInChunks = (): Error => new Error('The callback endpoint answered in chunks that are none.');

/** Behind the last chunk: headers that nobody needs, up to an empty line. */
function readTrailer(rest: string, lineEnd: number): Omit<Body, 'text'> {
  const end = rest.indexOf(HEAD_END, lineEnd);
  return { isWhole: end !== -1, hasMore: end !== -1 && rest.length > end + HEAD_END.length };
}
