import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createOriginGuard, type OriginGuard } from '../origin-guard.ts';
import { listen } from '../ports.ts';
import { readBody, splitTarget } from '../gateway/http.ts';
import type { FunctionModel } from '../model.ts';
import { decodeReference, type FindFunction, functionFinder, VERSION } from './function-finder.ts';
import type { EventInvocations } from './event-invocations.ts';
import { lambdaLimits, type LambdaLimits } from './lambda-limits.ts';
import { type JsonInvocation, type LambdaPool, NOT_JSON, tooLargeText } from './lambda-pool.ts';

/** The options of the Invoke API. */
export interface InvokeApiOptions {
  readonly functions: readonly FunctionModel[];
  readonly limits?: Partial<LambdaLimits>;
}

/** The dependencies of the Invoke API. */
export interface InvokeApiDeps extends Pick<LambdaPool, 'invokeJson'> {
  /** Takes an asynchronous event; returns false if too many wait. Default: none are taken. */
  readonly submitEvent?: EventInvocations['submit'];
  readonly randomUUID?: () => string;
  /** Refuses a signed call of a function. Default: every signed call may invoke. */
  readonly authorize?: AuthorizeInvoke;
}

/** Returns the refusal of a signed call; undefined if the caller may invoke the function. */
type AuthorizeInvoke = (authorization: string, functionArn: string) => Promise<Omit<Refusal, 'status'> | undefined>;

/** The running Invoke API. */
export interface InvokeApi {
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * Time in ms after which an idle keep-alive socket is closed, 60,000: longer than clients keep theirs, so that none is
 * closed during a request.
 */
const KEEP_ALIVE_MS = 60_000;

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

const SYNCHRONOUS = 'RequestResponse';
const ASYNCHRONOUS = 'Event';
/** The type of an invocation that only asks whether it would be accepted. */
const ASKED = 'DryRun';
const TYPES: readonly unknown[] = [SYNCHRONOUS, ASYNCHRONOUS, ASKED];

interface Refusal {
  readonly status: number;
  readonly errorType: string;
  readonly message: string;
}

interface Refused extends Refusal {
  readonly requestId: string;
}

/** The HTTP statuses of Lambda's refusals. Any other error type is a fault of the service. */
const STATUS_OF: Readonly<Record<string, number>> = {
  InvalidParameterValueException: 400,
  InvalidRequestContentException: 400,
  AccessDeniedException: 403,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  UnrecognizedClientException: 403,
  ResourceNotFoundException: 404,
  UnknownOperationException: 404,
  RequestTooLargeException: 413,
  TooManyRequestsException: 429,
};
const SERVICE_FAULT_STATUS = 500;

const noEvents = (): boolean => false;

interface Serving extends Pick<LambdaPool, 'invokeJson'> {
  readonly authorize: AuthorizeInvoke | undefined;
  readonly submitEvent: EventInvocations['submit'];
  readonly newId: () => string;
  readonly limits: LambdaLimits;
  readonly find: FindFunction;
  readonly guard: OriginGuard;
}

/** Serves Lambda's `Invoke` for functions that call functions: synchronous, by name or ARN, on a separate port. */
export async function startInvokeApi(options: InvokeApiOptions, deps: InvokeApiDeps): Promise<InvokeApi> {
  const limits = lambdaLimits(options.limits);
  const { invokeJson, randomUUID: newId = randomUUID } = deps;
  const ports = new Set<number>();
  const [find, guard] = [functionFinder(options.functions), createOriginGuard({ ports })];
  const serving = {
    invokeJson,
    newId,
    limits,
    find,
    guard,
    submitEvent: deps.submitEvent ?? noEvents,
    authorize: deps.authorize,
  };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) =>
    serve(serving, request, response),
  );
  server.maxConnections = limits.invokeSockets;
  const port = await listen(server, 0);
  ports.add(port);
  return { endpoint: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}

function serve(serving: Serving, request: IncomingMessage, response: ServerResponse): void {
  const model = target(serving, request);
  if ('errorType' in model) {
    refuse(response, { ...model, requestId: serving.newId() });
    return;
  }
  const { authorization = '', 'x-amz-invocation-type': invocationType } = request.headers;
  readBody(
    request,
    serving.limits.requestBytes,
    (body) => void invoke(serving, { model, body, response, authorization, invocationType }),
  );
}

function target({ find, guard }: Serving, { url = '/', method, headers }: IncomingMessage): FunctionModel | Refusal {
  if (guard.refuses(headers)) return refusal('AccessDeniedException', 'A web page may not invoke functions');
  const [path, query] = splitTarget(url);
  const [, reference] = INVOKE_PATH.exec(path) ?? [];
  if (reference === undefined || method !== 'POST') {
    return refusal('UnknownOperationException', 'The local runtime serves Invoke only');
  }
  if (headers.authorization === undefined) {
    return refusal('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const type = headers['x-amz-invocation-type'] ?? SYNCHRONOUS;
  if (!TYPES.includes(type)) {
    return refusal('InvalidParameterValueException', `Unknown invocation type ${String(type)}`);
  }
  const model = find(reference, new URLSearchParams(query).get('Qualifier'));
  return model ?? refusal('ResourceNotFoundException', `Function not found: ${decodeReference(reference)}`);
}

interface Call {
  readonly model: FunctionModel;
  readonly body: Buffer | 'too-large';
  /** The header with the type of the invocation. Default: synchronous. */
  readonly invocationType: unknown;
  readonly response: ServerResponse;
  readonly authorization: string;
}

async function invoke(serving: Serving, { model, body, response, authorization, invocationType }: Call): Promise<void> {
  const { invokeJson, submitEvent, limits, newId } = serving;
  const denied = await serving.authorize?.(authorization, model.arn);
  if (denied !== undefined) {
    return refuse(response, { ...refusal(denied.errorType, denied.message), requestId: newId() });
  }
  const type = invocationType ?? SYNCHRONOUS;
  const payload = payloadOf(body, type === ASYNCHRONOUS ? limits.eventBytes : limits.requestBytes);
  if (typeof payload !== 'string') return refuse(response, { ...payload, requestId: newId() });
  if (type === ASKED) return send(response, { status: 204, requestId: newId(), body: '', headers: {} });
  if (type === ASYNCHRONOUS) {
    if (submitEvent(model, payload)) return send(response, { status: 202, requestId: newId(), body: '', headers: {} });
    return refuse(response, { ...refusal('TooManyRequestsException', 'Rate Exceeded.'), requestId: newId() });
  }
  // The caller may break the connection while its invocation waits. Nobody would get the result.
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  answer(response, await invokeJson(model.arn, payload, { signal: gone.signal }));
}

/** Returns the event as JSON text, or the refusal. An empty body is an empty event. */
function payloadOf(body: Call['body'], maximumBytes: number): string | Refusal {
  if (body === 'too-large' || body.length > maximumBytes)
    return refusal('RequestTooLargeException', tooLargeText(maximumBytes));
  const payload = body.length === 0 ? '{}' : body.toString();
  return isJson(payload) ? payload : refusal(NOT_JSON.errorType, NOT_JSON.errorMessage);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // To Lambda this is a bad request of the caller, not an error of the function.
    return false;
  }
}

function answer(response: ServerResponse, { requestId, outcome }: JsonInvocation): void {
  switch (outcome.kind) {
    case 'success':
      return send(response, { status: 200, requestId, body: outcome.payload, headers: EXECUTED });
    case 'function-error': {
      const { errorType, errorMessage, trace } = outcome;
      const body = JSON.stringify({ errorType, errorMessage, trace });
      return send(response, { status: 200, requestId, body, headers: FAILED });
    }
    case 'refused':
      return refuse(response, { ...refusal(outcome.errorType, outcome.errorMessage), requestId });
    case 'throttled':
      return refuse(response, { ...refusal('TooManyRequestsException', outcome.errorMessage), requestId });
    case 'service-error':
      return refuse(response, { ...refusal('ServiceException', outcome.errorMessage), requestId });
  }
}

const EXECUTED = { 'X-Amz-Executed-Version': VERSION } as const;
const FAILED = { ...EXECUTED, 'X-Amz-Function-Error': 'Unhandled' } as const;

function refusal(errorType: string, message: string): Refusal {
  return { status: STATUS_OF[errorType] ?? SERVICE_FAULT_STATUS, errorType, message };
}

/** Answers with a refusal. Node discards the rest of an unread request body, so that the socket can be used again. */
function refuse(response: ServerResponse, { status, errorType, message, requestId }: Refused): void {
  const body = JSON.stringify({ Type: status < SERVICE_FAULT_STATUS ? 'User' : 'Service', message });
  send(response, { status, requestId, body, headers: { 'X-Amzn-ErrorType': errorType } });
}

interface Answer {
  readonly status: number;
  readonly requestId: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

function send(response: ServerResponse, { status, requestId, body, headers }: Answer): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'X-Amzn-RequestId': requestId,
    ...headers,
  });
  response.end(body);
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
