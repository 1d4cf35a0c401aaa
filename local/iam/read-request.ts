/** A whole HTTP request, with what a judge needs of its head. */
export interface GuardedRequest {
  /** All bytes of the request. */
  readonly bytes: Buffer;
  readonly body: Buffer;
  /** The request line and the headers. Absent where only the authorization is known. */
  readonly head?: string;
  readonly authorization: string | undefined;
  /** The header `X-Amz-Target`, such as `DynamoDB_20120810.UpdateItem`. */
  readonly target: string;
}

/** A request that has not come whole: how many bytes it has at least. */
export interface Incomplete {
  readonly needed: number;
}

const HEAD_END = '\r\n\r\n';

/** Most bytes of a request's head, 64 KB. No SDK sends as much. */
const HEAD_MAXIMUM_BYTES = 65_536;

/** Bodies without a length and folded lines: no client sends them, and two parsers may disagree on them. */
const UNUSUAL = /\n(?:[\t ]|transfer-encoding[\t ]*:|upgrade[\t ]*:)/i;

const LENGTH = /\ncontent-length[\t ]*:[\t ]*(\d+)[\t ]*(?=\r|$)/gi;
const AUTHORIZATION = /\nauthorization[\t ]*:[\t ]*([^\r]+)/i;
const TARGET = /\nx-amz-target[\t ]*:[\t ]*([^\r]+?)[\t ]*(?=\r|$)/i;

/** Reads the request at the beginning of a buffer. What the engine could read in another way is malformed. */
export function readRequest(buffer: Buffer): GuardedRequest | Incomplete | 'malformed' {
  const headEnd = buffer.indexOf(HEAD_END, 0, 'latin1');
  if (headEnd === -1) return buffer.length > HEAD_MAXIMUM_BYTES ? 'malformed' : { needed: buffer.length + 1 };
  const head = buffer.toString('latin1', 0, headEnd);
  const lengths = [...head.matchAll(LENGTH)];
  if (UNUSUAL.test(head) || lengths.length > 1) return 'malformed';
  const bodyStart = headEnd + HEAD_END.length;
  const end = bodyStart + Number(lengths[0]?.[1] ?? 0);
  if (buffer.length < end) return { needed: end };
  return {
    bytes: buffer.subarray(0, end),
    body: buffer.subarray(bodyStart, end),
    head,
    authorization: AUTHORIZATION.exec(head)?.[1],
    target: TARGET.exec(head)?.[1] ?? '',
  };
}
