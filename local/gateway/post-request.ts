/** A plain `POST` to a connection, as clients of `@connections` write it. */
export interface PostRequest {
  readonly encodedId: string;
  readonly body: Buffer;
  /** Offset of the next request in the chunk. */
  readonly end: number;
}

const HEAD_END = '\r\n\r\n';

/**
 * Anything that needs a complete HTTP parser: bodies without a length or with two, `Expect`, upgrades, connections
 * other than keep-alive, folded lines.
 */
const UNUSUAL =
  /[^\r]\n|\n[\t ]|\n(?:transfer-encoding|expect|upgrade|trailer)[\t ]*:|\nconnection[\t ]*:(?!\s*keep-alive\r)/i;
const LENGTH = /\ncontent-length[\t ]*:[\t ]*(\d{1,9})[\t ]*(?:\r|$)/gi;
const SIGNED = /\nauthorization[\t ]*:/i;
const REQUEST_LINE_END = / HTTP\/1\.1\r/;

/** Reads the request at an offset of a chunk. Returns undefined if it is not a plain post or not complete. */
export function readPostRequest(chunk: Buffer, start: number, prefixes: readonly string[]): PostRequest | undefined {
  const headEnd = chunk.indexOf(HEAD_END, start, 'latin1');
  if (headEnd === -1) return undefined;
  const head = chunk.toString('latin1', start, headEnd);
  const prefix = prefixes.find((candidate) => head.startsWith(candidate));
  if (prefix === undefined || UNUSUAL.test(head) || !SIGNED.test(head)) return undefined;
  const idEnd = head.search(REQUEST_LINE_END);
  const bodyStart = headEnd + HEAD_END.length;
  const end = bodyStart + bodyLength(head);
  // NaN without a length: the comparison is then false too.
  if (!(end <= chunk.length) || idEnd === -1) return undefined;
  return { encodedId: head.slice(prefix.length, idEnd), body: chunk.subarray(bodyStart, end), end };
}

function bodyLength(head: string): number {
  const [first, ...others] = head.matchAll(LENGTH);
  return first === undefined || others.length > 0 ? Number.NaN : Number(first[1]);
}
