import type { IncomingMessage, ServerResponse } from 'node:http';

/** Returns the path and the query string of a request target, without the `?`. */
export function splitTarget(target: string): [path: string, search: string] {
  const mark = target.indexOf('?');
  return mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
}

/**
 * Returns whether a request target is a stage's own path. A slash after the stage is accepted, as in AWS's example for
 * wscat: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-wscat.html
 */
export function isStagePath(target: string, stage: string): boolean {
  const [path] = splitTarget(target);
  return path === `/${stage}` || path === `/${stage}/`;
}

/** Answers a request with a status and a JSON message, in the form that API Gateway uses. */
export function answerJson(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ message }));
}

/** The headers of what the runtime says of itself: kept by nobody, and not for other web pages. */
export const PRIVATE_HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/**
 * Reads a request's body and calls `done` once; without a copy if it arrived in one piece. A body over the bound is
 * discarded. `done` is never called for a request that breaks off, because nobody is left to answer.
 */
export function readBody(request: IncomingMessage, maxBytes: number, done: (body: Buffer | 'too-large') => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) giveUp();
  };
  const onEnd = (): void => {
    const [only] = chunks;
    done(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, bytes));
  };
  const giveUp = (): void => {
    request.off('data', onData);
    request.off('end', onEnd);
    chunks.length = 0;
    request.resume();
    done('too-large');
  };
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    giveUp();
    return;
  }
  request.on('data', onData);
  request.on('end', onEnd);
}
