import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createOriginGuard, type OriginGuard } from '../origin-guard.ts';
import { listen } from '../ports.ts';
import { readBody, splitTarget } from '../gateway/http.ts';
import type { FunctionModel } from '../model.ts';
import { servedRequestOf } from '../iam/signed-request.ts';
import type { CoveredRequest } from '../iam/verify-signature.ts';
import { decodeReference, type FindFunction, functionFinder, VERSION } from './function-finder.ts';
import type { EventInvocations } from './event-invocations.ts';
import { lambdaLimits, type LambdaLimits } from './lambda-limits.ts';
import { answerInvocation, refusal, type LambdaRefusal, answerRefusal, send } from './invoke-answers.ts';
import { type LambdaPool, NOT_JSON, tooLargeText } from './lambda-pool.ts';

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
  /** Finds what an invocation has logged, for callers that ask for it. Default: nothing. */
  readonly logOf?: LogOf;
}

/** Returns the refusal of a signed call; undefined if the caller may invoke the function. */
type AuthorizeInvoke = (
  authorization: string,
  functionArn: string,
  request: CoveredRequest,
) => Promise<Omit<LambdaRefusal, 'status'> | undefined>;

/** Returns what an invocation has logged. */
type LogOf = (functionName: string, requestId: string) => readonly string[];

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

const noEvents = (): boolean => false;

interface Serving extends Pick<LambdaPool, 'invokeJson'> {
  readonly authorize: AuthorizeInvoke | undefined;
  readonly logOf: LogOf | undefined;
  readonly submitEvent: EventInvocations['submit'];
  readonly newId: () => string;
  readonly limits: LambdaLimits;
  readonly find: FindFunction;
  readonly guard: OriginGuard;
  /** The start of a function's ARN, up to its name. */
  readonly arnStart: string;
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
    arnStart: startOf(options.functions[0]?.arn),
    submitEvent: deps.submitEvent ?? noEvents,
    authorize: deps.authorize,
    logOf: deps.logOf,
  };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) =>
    serve(serving, request, response),
  );
  server.maxConnections = limits.invokeSockets;
  const port = await listen(server, 0);
  ports.add(port);
  return { endpoint: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}

const startOf = (arn = ''): string => arn.slice(0, arn.lastIndexOf(':') + 1);

function serve(serving: Serving, request: IncomingMessage, response: ServerResponse): void {
  const model = target(serving, request);
  if ('errorType' in model) {
    answerRefusal(response, model, serving.newId());
    return;
  }
  const { headers } = request;
  readBody(
    request,
    serving.limits.requestBytes,
    (body) => void invoke(serving, { model, body, request, response, headers }),
  );
}

function target(
  { find, guard, arnStart }: Serving,
  { url = '/', method, headers }: IncomingMessage,
): FunctionModel | LambdaRefusal {
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
  return model ?? refusal('ResourceNotFoundException', notFound(decodeReference(reference), query, arnStart));
}

/** Words the refusal of a function that is not here: by its ARN, with the qualifier that was asked for. */
function notFound(reference: string, query: string, arnStart: string): string {
  const qualifier = new URLSearchParams(query).get('Qualifier');
  const named = reference.startsWith('arn:') ? reference : `${arnStart}${reference}`;
  return `Function not found: ${named}${qualifier === null ? '' : `:${qualifier}`}`;
}

interface Call {
  readonly model: FunctionModel;
  readonly body: Buffer | 'too-large';
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly headers: IncomingHttpHeaders;
}

async function invoke(serving: Serving, call: Call): Promise<void> {
  const { submitEvent, limits, newId } = serving;
  const { model, body, response, headers } = call;
  const signed = servedRequestOf(call.request, body === 'too-large' ? undefined : body);
  const denied = await serving.authorize?.(headers.authorization ?? '', model.arn, signed);
  if (denied !== undefined) return answerRefusal(response, refusal(denied.errorType, denied.message), newId());
  const type = headers['x-amz-invocation-type'] ?? SYNCHRONOUS;
  const payload = payloadOf(body, type === ASYNCHRONOUS ? limits.eventBytes : limits.requestBytes);
  if (typeof payload !== 'string') return answerRefusal(response, payload, newId());
  if (type === ASKED) return send(response, { status: 204, requestId: newId(), body: '' });
  if (type !== ASYNCHRONOUS) return await runNow(serving, call, payload);
  // The event keeps this id at each attempt.
  const requestId = newId();
  if (submitEvent(model, payload, requestId)) return send(response, { status: 202, requestId, body: '' });
  answerRefusal(response, refusal('TooManyRequestsException', 'Rate Exceeded.'), requestId);
}

async function runNow(serving: Serving, { model, response, headers }: Call, payload: string): Promise<void> {
  const clientContext = contextOf(headers['x-amz-client-context']);
  if (clientContext !== undefined && !isJson(clientContext)) {
    const words = 'Client context must be a valid Base64-encoded JSON object.';
    return answerRefusal(response, refusal('InvalidRequestContentException', words), serving.newId());
  }
  // The caller may break the connection while its invocation waits. Nobody would get the result.
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const startedMs = performance.now();
  const ended = await serving.invokeJson(model.arn, payload, { signal: gone.signal, clientContext });
  const { requestId } = ended;
  const isAsked = headers['x-amz-log-type'] === 'Tail';
  const log = isAsked ? logText(serving, { model, requestId, durationMs: performance.now() - startedMs }) : undefined;
  answerInvocation(response, ended, log);
}

/** Returns a client context as text, which should be JSON; undefined without one. */
const contextOf = (header: unknown): string | undefined =>
  typeof header === 'string' ? Buffer.from(header, 'base64').toString() : undefined;

/** Returns the event as JSON text, or the refusal. An empty body is an empty event. */
function payloadOf(body: Call['body'], maximumBytes: number): string | LambdaRefusal {
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

/** Returns the log of an invocation as CloudWatch has it, with Lambda's own lines around. */
function logText({ logOf }: Serving, { model, requestId, durationMs }: Logged): string {
  const { memoryMb, name } = model;
  const spent = `Duration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${Math.ceil(durationMs)} ms`;
  return [
    `START RequestId: ${requestId} Version: ${VERSION}`,
    ...(logOf?.(name, requestId) ?? []),
    `END RequestId: ${requestId}`,
    `REPORT RequestId: ${requestId}\t${spent}\tMemory Size: ${memoryMb} MB\n`,
  ].join('\n');
}

interface Logged {
  readonly model: FunctionModel;
  readonly requestId: string;
  readonly durationMs: number;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
