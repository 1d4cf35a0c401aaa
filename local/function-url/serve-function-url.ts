import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, readBody } from '../gateway/http.ts';
import type { JsonInvocation, LambdaPool } from '../lambda/lambda-pool.ts';
import { servedRequestOf } from '../iam/signed-request.ts';
import { URL_FORBIDDEN, type UrlRefusal } from '../iam/url-access.ts';
import type { FunctionUrlModel } from '../model.ts';
import type { ServiceSeams } from '../service-seams.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts';
import { type HeadedResponse, headResponse } from './headed-response.ts';
import { urlEventOf } from './url-event.ts';

/** Bytes of a request to a function URL, as those of any synchronous invocation. */
const REQUEST_BYTES = 6_291_456;

/** The dependencies of a served function URL. */
export interface FunctionUrlDeps extends Pick<LambdaPool, 'invokeJson'> {
  readonly now: () => number;
  /** Judges the requests to URLs with the authentication AWS_IAM. */
  readonly authorizeUrl: ServiceSeams['authorizeUrl'];
}

/** A server of requests. */
export type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Serves a function URL with the mode RESPONSE_STREAM: each request is an invocation, whose result is sent as it is
 * written. As on AWS, the invocation goes on when the client has gone.
 */
export function serveFunctionUrl(url: FunctionUrlModel, deps: FunctionUrlDeps): Serve {
  return (request, response) => {
    // Without settings of CORS a preflight is a request like any other.
    if (url.cors !== undefined && isPreflight(request))
      return void response.writeHead(200, preflightHeaders(url.cors, request)).end();
    if (!url.permitted && !url.isSigned) return refuse(response, URL_FORBIDDEN);
    readBody(request, REQUEST_BYTES, (body) => {
      if (body === 'too-large') return answerJson(response, 413, 'Request Entity Too Large');
      void serveBody({ url, deps }, { body, request, response });
    });
  };
}

interface Served {
  readonly url: FunctionUrlModel;
  readonly deps: FunctionUrlDeps;
}

interface Received {
  readonly body: Buffer;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function serveBody({ url, deps }: Served, { body, request, response }: Received): Promise<void> {
  const verdict = url.isSigned ? await deps.authorizeUrl(url, servedRequestOf(request, body)) : undefined;
  if (verdict !== undefined && 'refusal' in verdict) return refuse(response, verdict.refusal);
  const caller = verdict?.caller;
  const event = urlEventOf(url, { request, body, requestId: randomUUID(), nowMs: deps.now(), caller });
  await invoke({ url, deps }, { event, request, response });
}

/** Answers a request that may not call the function, as Lambda does. */
const refuse = (response: ServerResponse, refusal: UrlRefusal): void =>
  void response
    .writeHead(403, { 'Content-Type': 'application/json', 'x-amzn-ErrorType': 'AccessDeniedException' })
    .end(JSON.stringify(refusal));

interface Call {
  readonly event: object;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function invoke({ url, deps }: Served, call: Call): Promise<void> {
  const { event, request, response } = call;
  const headed = headResponse(response, corsHeaders(url.cors, request));
  const gone = new AbortController();
  // An invocation that waits for an environment does not begin for a client that has gone.
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const { outcome } = await deps.invokeJson(url.functionArn, JSON.stringify(event), {
    signal: gone.signal,
    onChunk: headed.write,
  });
  end(headed, response, outcome);
}

function end(headed: HeadedResponse, response: ServerResponse, outcome: JsonInvocation['outcome']): void {
  if (outcome.kind === 'success') return headed.end();
  // The status was sent: the client learns of the failure by the end of the connection only.
  if (response.headersSent) return void response.destroy();
  if (outcome.kind === 'throttled') return answerJson(response, 429, 'Rate Exceeded.');
  answerJson(response, outcome.kind === 'refused' ? 413 : 502, 'Internal Server Error');
}
