import type { ServerResponse } from 'node:http';
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

/** The bytes that end the prelude. */
const PRELUDE_END = Buffer.alloc(8);

/** Creates the response of a streamed result. `added` are headers that the service adds. */
export function headResponse(response: ServerResponse, added: Headers): HeadedResponse {
  let begun: Buffer | undefined;
  const writeHead = ({ statusCode = 200, headers = {}, cookies = [] }: Prelude): void => {
    const setCookie = cookies.length === 0 ? {} : { 'Set-Cookie': [...cookies] };
    response.writeHead(statusCode, { ...headers, ...added, ...setCookie });
    // A client waits for the status of a stream of events before its first event.
    response.flushHeaders();
  };
  const write = ({ base64, contentType }: ResponseChunk): void => {
    const bytes = Buffer.from(base64, 'base64');
    if (contentType === HTTP_RESPONSE) begun = Buffer.alloc(0);
    else if (contentType !== undefined) writeHead({ headers: { 'Content-Type': contentType } });
    if (begun === undefined) return void response.write(bytes);
    begun = Buffer.concat([begun, bytes]);
    const end = begun.indexOf(PRELUDE_END);
    if (end === -1) return;
    const prelude: Prelude = JSON.parse(begun.subarray(0, end).toString());
    const rest = begun.subarray(end + PRELUDE_END.length);
    begun = undefined;
    writeHead(prelude);
    if (rest.length > 0) response.write(rest);
  };
  return { write, end: () => void response.end() };
}
