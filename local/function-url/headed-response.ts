import type { ServerResponse } from 'node:http';
import { answerJson } from '../gateway/http.ts';
import { HTTP_RESPONSE } from '../lambda/response-stream.ts';
import type { ResponseChunk } from '../lambda/runtime-messages.ts';

type Headers = Readonly<Record<string, string>>;

/** The status and the headers before the body of a streamed result. */
interface Prelude {
  readonly statusCode?: number;
  readonly headers?: Headers;
  readonly cookies?: readonly string[];
}

/** A response that gets its status from the beginning of a streamed result. */
export interface HeadedResponse {
  readonly write: (chunk: ResponseChunk) => void;
  readonly end: () => void;
}

/** The bounds of streamed results. Each has a row in docs/limits.md. */
const STREAMED = {
  /** Bytes of the status and the headers of a streamed result. With more, the answer is 502. */
  preludeBytes: 65_536,
  /** Bytes of a streamed result that its client has not read. Past it the connection ends. */
  unreadBytes: 33_554_432,
  /** Bytes of a streamed result, as on AWS. Past it the connection ends. */
  resultBytes: 209_715_200,
} as const;

/** The bytes that end the prelude. */
const PRELUDE_END = Buffer.alloc(8);

/**
 * Creates the response of a streamed result. `added` are headers that the service adds. What the function sends is
 * answered by 502 if its status and headers are none.
 */
export function headResponse(response: ServerResponse, added: Headers): HeadedResponse {
  let begun: Buffer | undefined;
  let sentBytes = 0;
  const send = (bytes: Buffer): void => {
    sentBytes += bytes.length;
    const isTooMuch = sentBytes > STREAMED.resultBytes || response.writableLength > STREAMED.unreadBytes;
    gather(response);
    if (isTooMuch) response.destroy();
    else if (bytes.length > 0) response.write(bytes);
  };
  const write = ({ base64, contentType }: ResponseChunk): void => {
    if (response.writableEnded || response.destroyed) return;
    const bytes = Buffer.from(base64, 'base64');
    if (contentType === HTTP_RESPONSE) begun = Buffer.alloc(0);
    else if (contentType !== undefined && !hasWritten(response, { headers: { 'Content-Type': contentType } }, added))
      return answerJson(response, 502, 'Internal Server Error');
    if (begun === undefined) return send(bytes);
    begun = Buffer.concat([begun, bytes]);
    const end = begun.indexOf(PRELUDE_END);
    if (end === -1 && begun.length <= STREAMED.preludeBytes) return;
    const [head, rest] = [begun.subarray(0, end), begun.subarray(end + PRELUDE_END.length)];
    begun = undefined;
    if (end !== -1 && writeHeadOf(response, head, added)) send(rest);
    else answerJson(response, 502, 'Internal Server Error');
  };
  return { write, end: () => void response.end() };
}

/** Writes the status and the headers of a prelude. Returns false for one that is malformed. */
function writeHeadOf(response: ServerResponse, bytes: Buffer, added: Headers): boolean {
  try {
    const prelude: Prelude = JSON.parse(bytes.toString());
    return hasWritten(response, prelude, added);
  } catch {
    // Not JSON: a fault of the function.
    return false;
  }
}

/** Writes a status and headers. Returns false for those that HTTP does not have: a fault of the function. */
function hasWritten(response: ServerResponse, prelude: Prelude, added: Headers): boolean {
  try {
    writeHead(response, prelude, added);
    return true;
  } catch {
    return false;
  }
}

function writeHead(
  response: ServerResponse,
  { statusCode = 200, headers = {}, cookies = [] }: Prelude,
  added: Headers,
) {
  const setCookie = cookies.length === 0 ? {} : { 'Set-Cookie': [...cookies] };
  response.writeHead(statusCode, { ...headers, ...added, ...setCookie });
  gather(response);
  // A client waits for the status of a stream of events before its first event.
  response.flushHeaders();
}

/**
 * Puts what is written to a response in this turn of the event loop into one write to its socket. A response that is
 * corked itself would lose its end in Node 24: findings/node-24-corked-response-ends-before-its-body.sh.
 */
function gather({ socket }: ServerResponse): void {
  if (socket === null || socket.writableCorked > 0) return;
  socket.cork();
  setImmediate(() => socket.uncork());
}
