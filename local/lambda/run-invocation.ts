import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { FunctionModel } from '../model.ts';
import type { EventInvocations } from './event-invocations.ts';
import { VERSION } from './function-finder.ts';
import { answerInvocation, answerRefusal, type LambdaRefusal, refusal, send } from './invoke-answers.ts';
import type { LambdaLimits } from './lambda-limits.ts';
import { type LambdaPool, NOT_JSON, tooLargeText } from './lambda-pool.ts';

/** Returns what an invocation has logged. */
export type LogOf = (functionName: string, requestId: string) => readonly string[];

/** The parts of the service that run invocations. */
export interface Invoking extends Pick<LambdaPool, 'invokeJson'> {
  readonly logOf: LogOf | undefined;
  readonly submitEvent: EventInvocations['submit'];
  readonly newId: () => string;
  readonly limits: LambdaLimits;
}

/** A call of `Invoke` that is permitted. */
export interface InvokeCall {
  readonly model: FunctionModel;
  readonly body: Buffer | 'too-large';
  readonly response: ServerResponse;
  readonly headers: IncomingHttpHeaders;
}

const SYNCHRONOUS = 'RequestResponse';
const ASYNCHRONOUS = 'Event';
/** The type of an invocation that only asks whether it would be accepted. */
const ASKED = 'DryRun';
const TYPES: readonly unknown[] = [SYNCHRONOUS, ASYNCHRONOUS, ASKED];

/** Answers a call of `Invoke`, synchronous or not. */
export async function runInvocation(invoking: Invoking, call: InvokeCall): Promise<void> {
  const { submitEvent, limits, newId } = invoking;
  const { model, body, response, headers } = call;
  const type = headers['x-amz-invocation-type'] ?? SYNCHRONOUS;
  if (!TYPES.includes(type)) {
    const unknown = refusal('InvalidParameterValueException', `Unknown invocation type ${String(type)}`);
    return answerRefusal(response, unknown, newId());
  }
  const payload = payloadOf(body, type === ASYNCHRONOUS ? limits.eventBytes : limits.requestBytes);
  if (typeof payload !== 'string') return answerRefusal(response, payload, newId());
  if (type === ASKED) return send(response, { status: 204, requestId: newId(), body: '' });
  if (type !== ASYNCHRONOUS) return await runNow(invoking, call, payload);
  // The event keeps this id at each attempt.
  const requestId = newId();
  if (submitEvent(model, payload, requestId)) return send(response, { status: 202, requestId, body: '' });
  answerRefusal(response, refusal('TooManyRequestsException', 'Rate Exceeded.'), requestId);
}

async function runNow(invoking: Invoking, { model, response, headers }: InvokeCall, payload: string): Promise<void> {
  const clientContext = contextOf(headers['x-amz-client-context']);
  if (clientContext !== undefined && !isJson(clientContext)) {
    const words = 'Client context must be a valid Base64-encoded JSON object.';
    return answerRefusal(response, refusal('InvalidRequestContentException', words), invoking.newId());
  }
  // The caller may break the connection while its invocation waits. Nobody would get the result.
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const startedMs = performance.now();
  const ended = await invoking.invokeJson(model.arn, payload, { signal: gone.signal, clientContext });
  const { requestId } = ended;
  const isAsked = headers['x-amz-log-type'] === 'Tail';
  const log = isAsked ? logText(invoking, { model, requestId, durationMs: performance.now() - startedMs }) : undefined;
  answerInvocation(response, ended, log);
}

/** Returns a client context as text, which should be JSON; undefined without one. */
const contextOf = (header: unknown): string | undefined =>
  typeof header === 'string' ? Buffer.from(header, 'base64').toString() : undefined;

/** Returns the event as JSON text, or the refusal. An empty body is an empty event. */
function payloadOf(body: InvokeCall['body'], maximumBytes: number): string | LambdaRefusal {
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
function logText({ logOf }: Invoking, { model, requestId, durationMs }: Logged): string {
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
