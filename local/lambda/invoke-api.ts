import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createOriginGuard, type OriginGuard } from '../origin-guard.ts';
import { listen } from '../ports.ts';
import { readBody, splitTarget } from '../gateway/http.ts';
import type { FunctionModel } from '../model.ts';
import { servedRequestOf } from '../iam/signed-request.ts';
import type { CoveredRequest } from '../iam/verify-signature.ts';
import type { MappingControl } from '../switched-mapping.ts';
import { createControlPlane, type FindOperation } from './control-plane.ts';
import type { EventInvocations } from './event-invocations.ts';
import { type FindFunction, functionFinder, type NamedFunction } from './function-finder.ts';
import { answerRefusal, functionRefusal, type LambdaRefusal, refusal, send } from './invoke-answers.ts';
import type { LambdaOperation } from './lambda-operation.ts';
import { lambdaLimits, type LambdaLimits } from './lambda-limits.ts';
import { type LambdaPool, tooLargeText } from './lambda-pool.ts';
import { type Invoking, type LogOf, runInvocation } from './run-invocation.ts';

/** The options of Lambda's API. */
export interface InvokeApiOptions {
  readonly functions: readonly FunctionModel[];
  readonly limits?: Partial<LambdaLimits>;
}

/** The dependencies of Lambda's API. */
export interface InvokeApiDeps extends Pick<LambdaPool, 'invokeJson'> {
  /** Takes an asynchronous event; returns false if too many wait. Default: none are taken. */
  readonly submitEvent?: EventInvocations['submit'];
  readonly randomUUID?: () => string;
  /** Refuses a signed call. Default: every signed call is permitted. */
  readonly authorize?: AuthorizeLambda;
  /** Finds what an invocation has logged, for callers that ask for it. Default: nothing. */
  readonly logOf?: LogOf;
  /** Returns the event source mappings that run. Default: none. */
  readonly mappings?: () => readonly MappingControl[];
}

/** The action and the resource of a signed call, as IAM judges them. */
type LambdaAccess = Pick<LambdaOperation, 'action' | 'resource' | 'context'>;

/** Returns the refusal of a signed call; undefined if it is permitted. */
type AuthorizeLambda = (
  authorization: string,
  access: LambdaAccess,
  request: CoveredRequest,
) => Promise<Omit<LambdaRefusal, 'status'> | undefined>;

/** The running API. */
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

const noEvents = (): boolean => false;

interface Serving extends Invoking {
  readonly authorize: AuthorizeLambda | undefined;
  readonly find: FindFunction;
  readonly findOperation: FindOperation;
  readonly guard: OriginGuard;
}

/**
 * Serves Lambda's API on a separate port: `Invoke` for functions that call functions, and the operations that tell of
 * functions and of event source mappings.
 */
export async function startInvokeApi(options: InvokeApiOptions, deps: InvokeApiDeps): Promise<InvokeApi> {
  const limits = lambdaLimits(options.limits);
  const { invokeJson, randomUUID: newId = randomUUID, mappings = () => [] } = deps;
  const ports = new Set<number>();
  const [find, guard] = [functionFinder(options.functions), createOriginGuard({ ports })];
  const serving = {
    invokeJson,
    newId,
    limits,
    find,
    findOperation: createControlPlane({ ...options, find, mappings, startedAtMs: Date.now() }),
    guard,
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

function serve(serving: Serving, request: IncomingMessage, response: ServerResponse): void {
  const asked = targetOf(serving, request);
  if ('errorType' in asked) return answerRefusal(response, asked, serving.newId());
  readBody(request, serving.limits.requestBytes, (body) => void run(serving, { asked, body, request, response }));
}

/** Returns the operation that a request asks for, or the function that it invokes. */
function targetOf(
  { find, findOperation, guard }: Serving,
  { url = '/', method = '', headers }: IncomingMessage,
): LambdaOperation | NamedFunction | LambdaRefusal {
  if (guard.refuses(headers)) return refusal('AccessDeniedException', 'A web page may not call Lambda');
  const [path, search] = splitTarget(url);
  const query = new URLSearchParams(search);
  const [, reference] = INVOKE_PATH.exec(path) ?? [];
  const isInvoke = reference !== undefined && method === 'POST';
  const asked = isInvoke ? find(reference, query.get('Qualifier')) : findOperation({ method, path, query });
  if (asked === undefined) return refusal('UnknownOperationException', UNKNOWN_OPERATION);
  if (headers.authorization !== undefined) return asked;
  return refusal('MissingAuthenticationTokenException', 'Missing Authentication Token');
}

const UNKNOWN_OPERATION =
  'The local runtime serves Invoke, GetFunction, GetFunctionConfiguration, ListFunctions, GetEventSourceMapping, ListEventSourceMappings and UpdateEventSourceMapping';

interface Call {
  readonly asked: LambdaOperation | NamedFunction;
  readonly body: Buffer | 'too-large';
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function run(serving: Serving, { asked, body, request, response }: Call): Promise<void> {
  const { headers } = request;
  const signed = servedRequestOf(request, body === 'too-large' ? undefined : body);
  const access = 'action' in asked ? asked : { action: 'lambda:InvokeFunction', resource: asked.arn };
  const denied = await serving.authorize?.(headers.authorization ?? '', access, signed);
  if (denied !== undefined) return answerRefusal(response, refusal(denied.errorType, denied.message), serving.newId());
  if ('action' in asked) return answerOperation(serving, asked, { body, response });
  const { model, isContradictory } = asked;
  if (model === undefined || isContradictory) return answerRefusal(response, functionRefusal(asked), serving.newId());
  await runInvocation(serving, { model, body, response, headers });
}

function answerOperation(
  { newId, limits }: Serving,
  operation: LambdaOperation,
  { body, response }: Pick<Call, 'body' | 'response'>,
): void {
  const tooLarge = (): LambdaRefusal => refusal('RequestTooLargeException', tooLargeText(limits.requestBytes));
  const answer = body === 'too-large' ? tooLarge() : runOperation(operation, body);
  if ('errorType' in answer) return answerRefusal(response, answer, newId());
  send(response, { status: answer.status, requestId: newId(), body: JSON.stringify(answer.content) });
}

/** Runs an operation. Its failure, such as that of reading code that is no longer there, is an answer to its caller. */
function runOperation(operation: LambdaOperation, body: Buffer): ReturnType<LambdaOperation['run']> {
  try {
    return operation.run(body);
  } catch (error) {
    return refusal('ServiceException', String(error));
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
