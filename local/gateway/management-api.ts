import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { CLOSED_NORMALLY } from './close-reason.ts';
import type { GatewayConnection, PostToConnectionResult } from './connection.ts';
import type { GatewayContext } from './gateway-context.ts';
import { servedRequestOf, signedRequestOf } from '../iam/signed-request.ts';
import type { CoveredRequest } from '../iam/verify-signature.ts';
import { isConnectionId } from './ids.ts';
import type { AnswerPost, PostPathTarget } from './post-path.ts';
import { readBody, splitTarget } from './http.ts';
import { createSampling } from './sample-posts.ts';

/** A request to the `@connections` API, as far as an interceptor sees it. */
export interface ManagementApiRequest {
  readonly method: string;
  readonly connectionId: string;
}

/** A response of the `@connections` API. */
export interface ManagementApiResponse {
  readonly statusCode: number;
  readonly errorType?: string;
  readonly body?: string;
}

/** Judges a signed request by its `Authorization` header. A promise only for what was not judged before. */
export type AuthorizeCallback = (
  authorization: string,
  call: CallbackCall,
  request?: CoveredRequest,
) => CallbackRefusal | undefined | Promise<CallbackRefusal | undefined>;

/** The call of a signed request. */
interface CallbackCall {
  readonly apiId: string;
  readonly stage: string;
  readonly method: string;
}

/** The refusal of a signed request. */
interface CallbackRefusal {
  readonly errorType: string;
  readonly message: string;
}

/** The dependencies of the `@connections` API. */
export interface ManagementApiDeps {
  readonly context: GatewayContext;
  readonly findConnection: (connectionId: string) => GatewayConnection | undefined;
  readonly intercept?: (call: ManagementApiRequest) => undefined | 'hang' | ManagementApiResponse;
  /** Default: every signed request passes. */
  readonly authorize?: AuthorizeCallback | undefined;
}

const OK: ManagementApiResponse = { statusCode: 200 };
const NO_CONTENT: ManagementApiResponse = { statusCode: 204 };
/** The response for a connection that does not exist. AWS gives it no body, so an SDK recognizes it by its header. */
const GONE: ManagementApiResponse = { statusCode: 410, errorType: 'GoneException' };
const BAD_ID = failure(400, 'BadRequestException', 'Invalid connectionId');
const UNSIGNED = failure(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
/** The response for another stage than the API has, or for a path that only looks like one of `@connections`. */
const FORBIDDEN = failure(403, 'ForbiddenException', 'Forbidden');
const TOO_LARGE = failure(413, 'PayloadTooLargeException', 'Payload is larger than a message may be');
const BUFFER_FULL = failure(429, 'LimitExceededException', 'The client side buffer is full');

const ANSWER_TO_POST: Readonly<Record<PostToConnectionResult, ManagementApiResponse>> = {
  sent: OK,
  gone: GONE,
  'buffer-full': BUFFER_FULL,
};

/** A path that is meant for `@connections`, at whatever place. */
const CONNECTIONS_PATH = /\/(?:@|%40)connections(?:\/|$)/i;

/**
 * Returns a handler for the `@connections` API of one API's stages, which returns false for any other request. Errors
 * have the form that an SDK reads:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
export function createManagementApi(
  stages: readonly ManagementApiDeps[],
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const targets = stages.flatMap((deps) => prefixesOf(deps).map((prefix) => ({ prefix, deps })));
  return (request, response) => {
    const url = request.url ?? '/';
    const target = targets.find(({ prefix }) => url.startsWith(prefix));
    const [path] = splitTarget(url);
    if (target === undefined) return refuseMisdirected(stages, path, response);
    const { prefix, deps } = target;
    const connectionId = decodeId(path.slice(prefix.length));
    const method = request.method ?? '';
    const intercepted = deps.intercept?.({ method, connectionId: connectionId ?? '' });
    if (intercepted === 'hang') request.resume();
    else if (intercepted !== undefined) answer(deps, response, intercepted);
    else if (request.headers.authorization === undefined) answer(deps, response, UNSIGNED);
    else if (method === 'POST') postAuthorized(deps, { request, response, connectionId, method });
    else void serveAuthorized(deps, { request, response, connectionId, method });
    return true;
  };
}

interface Serving {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connectionId: string | undefined;
  readonly method: string;
}

/** Reads the body of a post first: the signature covers it. */
function postAuthorized(deps: ManagementApiDeps, serving: Serving): void {
  readBody(serving.request, deps.context.limits.messageBytes, (body) => void serveAuthorized(deps, serving, body));
}

async function serveAuthorized(
  deps: ManagementApiDeps,
  serving: Serving,
  body: Buffer | 'too-large' = Buffer.alloc(0),
): Promise<void> {
  const { request, response, connectionId, method } = serving;
  // The hash of a body that is too large is not known, and its size is what is wrong.
  const signed = body === 'too-large' ? undefined : servedRequestOf(request, body);
  const judged = deps.authorize?.(request.headers.authorization ?? '', { ...deps.context.api, method }, signed);
  // Not awaited when it is known, so that requests of one socket stay as quick as without a judge.
  const refusal = judged instanceof Promise ? await judged : judged;
  if (refusal !== undefined) answer(deps, response, refused(refusal));
  else if (connectionId === undefined || !isConnectionId(connectionId)) answer(deps, response, BAD_ID);
  else if (method === 'POST') answer(deps, response, answerPostOf(deps, connectionId, body));
  else answer(deps, response, answerWithoutBody(deps, { method, connectionId }));
}

const refused = ({ errorType, message }: CallbackRefusal): ManagementApiResponse => ({
  statusCode: 403,
  errorType,
  // API Gateway names the text of a refused signature as that of any other error.
  body: JSON.stringify({ [errorType === 'AccessDeniedException' ? 'Message' : 'message']: message }),
});

/** Refuses a request that names `@connections` outside of the stages. Returns false for any other request. */
function refuseMisdirected([stage]: readonly ManagementApiDeps[], path: string, response: ServerResponse): boolean {
  if (stage === undefined || !CONNECTIONS_PATH.test(path)) return false;
  answer(stage, response, FORBIDDEN);
  return true;
}

/** Returns the targets by which `post-path.ts` answers the PostToConnection requests to a stage. */
export function postTargets(deps: ManagementApiDeps): readonly PostPathTarget[] {
  const answerPost = createAnswerPost(deps);
  return prefixesOf(deps).map((prefix) => ({ prefix: `POST ${prefix}`, answerPost }));
}

function prefixesOf({ context }: ManagementApiDeps): readonly string[] {
  const { stage } = context.api;
  return [`/${stage}/@connections/`, `/${stage}/%40connections/`];
}

/**
 * Returns the function that answers a PostToConnection request. Its result is undefined for a request that is left to
 * the HTTP server.
 */
function createAnswerPost(deps: ManagementApiDeps): AnswerPost {
  const { context, findConnection, authorize } = deps;
  const call = { ...context.api, method: 'POST' };
  const isSampled = createSampling();
  return ({ encodedId, body, authorization, head }) => {
    const signed = isSampled(authorization) ? signedRequestOf(head, body) : undefined;
    const refusal = authorize?.(authorization, call, signed);
    // A verdict that is not known yet, like every refusal, is for the HTTP server.
    if (refusal !== undefined) return undefined;
    const connectionId = decodeId(encodedId);
    const isPlain = connectionId !== undefined && isConnectionId(connectionId);
    if (!isPlain || body.length > context.limits.messageBytes) return undefined;
    const outcome = findConnection(connectionId)?.post(body) ?? 'gone';
    return responseText(ANSWER_TO_POST[outcome], headersOf(context, ANSWER_TO_POST[outcome]));
  };
}

function responseText({ statusCode, body = '' }: ManagementApiResponse, headers: readonly string[]): string {
  let text = `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}\r\n`;
  for (let at = 0; at < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return `${text}Connection: keep-alive\r\n\r\n${body}`;
}

function answerPostOf(
  deps: ManagementApiDeps,
  connectionId: string,
  body: Buffer | 'too-large',
): ManagementApiResponse {
  if (body === 'too-large') return TOO_LARGE;
  const connection = deps.findConnection(connectionId);
  return connection === undefined ? GONE : ANSWER_TO_POST[connection.post(body)];
}

function answerWithoutBody(
  deps: ManagementApiDeps,
  { method, connectionId }: ManagementApiRequest,
): ManagementApiResponse {
  const connection = deps.findConnection(connectionId);
  if (method !== 'GET' && method !== 'DELETE') return UNSIGNED;
  if (connection === undefined) return GONE;
  if (method === 'GET') return { statusCode: 200, body: describe(connection) };
  connection.end(CLOSED_NORMALLY);
  return NO_CONTENT;
}

function describe({ facts, lastActiveAt }: GatewayConnection): string {
  return JSON.stringify({
    connectedAt: new Date(facts.connectedAt).toISOString(),
    identity: { sourceIp: facts.client.sourceIp, userAgent: facts.client.userAgent },
    lastActiveAt: new Date(lastActiveAt).toISOString(),
  });
}

/** Sends a response. Node discards the rest of an unread request body, so that the socket can be used again. */
function answer({ context }: ManagementApiDeps, response: ServerResponse, reply: ManagementApiResponse): void {
  response.writeHead(reply.statusCode, headersOf(context, reply));
  response.end(reply.body);
}

/** Returns the headers as alternating names and values, a form that Node writes without building an object. */
function headersOf({ ids }: GatewayContext, { statusCode, errorType, body = '' }: ManagementApiResponse): string[] {
  const headers = ['x-amzn-RequestId', ids.requestId()];
  if (errorType !== undefined) headers.push('x-amzn-ErrorType', errorType);
  if (body !== '') headers.push('Content-Type', 'application/json');
  if (statusCode !== 204) headers.push('Content-Length', String(Buffer.byteLength(body)));
  return headers;
}

function failure(statusCode: number, errorType: string, message: string): ManagementApiResponse {
  return { statusCode, errorType, body: JSON.stringify({ message }) };
}

function decodeId(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Invalid percent encoding: not an id.
    return undefined;
  }
}
