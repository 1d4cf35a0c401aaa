import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventInvokeSettings, FunctionModel, Terminal } from '../model.ts';
import type { SendToQueue } from '../queues/send-to-queue.ts';
import { type LambdaLimits, lambdaLimits } from './lambda-limits.ts';
import type { JsonInvocation, LambdaPool } from './lambda-pool.ts';

/** The asynchronous invocations of functions: `InvocationType: Event`. */
export interface EventInvocations {
  /** Takes an event. Returns false if too many wait. */
  readonly submit: (model: FunctionModel, payload: string, requestId?: string) => boolean;
  /** Forgets every event that waits. */
  readonly close: () => void;
}

/** The dependencies of asynchronous invocations. */
export interface EventInvocationsDeps extends Pick<LambdaPool, 'invokeJson'> {
  /** Sends a record to a queue; returns false where there is none. Default: there are no queues. */
  readonly sendToQueue?: SendToQueue;
  readonly terminal: Pick<Terminal, 'warn'>;
  readonly now: () => number;
}

/** The settings of a function that the template gives none. */
const DEFAULT_SETTINGS: EventInvokeSettings = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

/** Characters of the reason of a dead letter. */
const ERROR_MAXIMUM_LENGTH = 1_024;

interface Ended {
  readonly condition: 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';
  readonly attempts: number;
  readonly last: JsonInvocation;
}

/**
 * Creates the queue of asynchronous events. A function that fails is invoked again, as often as its settings say; an
 * event that is throttled waits until it is too old. A record of the end goes to the function that the settings name.
 */
export function createEventInvocations(
  options: { readonly functions: readonly FunctionModel[]; readonly limits?: Partial<LambdaLimits> },
  deps: EventInvocationsDeps,
): EventInvocations {
  const { functions } = options;
  const { sendToQueue = () => false } = deps;
  const limits = lambdaLimits(options.limits);
  const stop = new AbortController();
  let waiting = 0;
  const run = async (model: FunctionModel, payload: string, requestId: string = randomUUID()): Promise<void> => {
    const ended = await attempt(model, payload, { limits, deps, signal: stop.signal, requestId });
    const destination = destinationOf(model, ended);
    const record = (): string => JSON.stringify(recordOf({ model, payload, ended, nowMs: deps.now() }));
    const isSent = destination !== undefined && send(destination, record());
    const isKept = ended.condition !== 'Success' && toDeadLetters(model, { payload, ended, sendToQueue });
    const isWanted = destination !== undefined || ended.condition !== 'Success';
    if (isWanted && !isSent && !isKept) deps.terminal.warn(lost(model, ended));
  };
  const send = (destination: string, record: string): boolean => {
    const target = functions.find(({ arn }) => arn === destination);
    return target === undefined ? sendToQueue(destination, record) : submit(target, record);
  };
  const submit: EventInvocations['submit'] = (model, payload, requestId) => {
    if (waiting >= limits.waitingEvents) return false;
    waiting += 1;
    void run(model, payload, requestId)
      .catch((error: unknown) => {
        // Aborted by the end of the runtime, unless something else went wrong.
        if (!stop.signal.aborted) deps.terminal.warn(`${model.name}: an asynchronous event is lost: ${String(error)}`);
      })
      .finally(() => (waiting -= 1));
    return true;
  };
  return { submit, close: () => stop.abort() };
}

interface Attempting {
  readonly limits: LambdaLimits;
  readonly deps: EventInvocationsDeps;
  readonly signal: AbortSignal;
  /** The id of the event, the same at each attempt. */
  readonly requestId: string;
}

async function attempt(
  model: FunctionModel,
  payload: string,
  { limits, deps, signal, requestId }: Attempting,
): Promise<Ended> {
  const { maximumRetryAttempts, maximumEventAgeSeconds } = model.eventSettings ?? DEFAULT_SETTINGS;
  const endsAtMs = deps.now() + maximumEventAgeSeconds * 1_000;
  for (let attempts = 0, waits = 1; ; waits += 1) {
    const last = await deps.invokeJson(model.arn, payload, { source: 'asynchronous events', requestId });
    const { kind } = last.outcome;
    if (kind === 'success') return { condition: 'Success', attempts: attempts + 1, last };
    // A throttle or a fault of the service is no attempt: only the event's age ends it.
    if (kind === 'function-error') attempts += 1;
    if (attempts > maximumRetryAttempts) return { condition: 'RetriesExhausted', attempts, last };
    const waitMs = waits * limits.eventRetryMs;
    if (deps.now() + waitMs > endsAtMs) return { condition: 'EventAgeExceeded', attempts, last };
    await delay(waitMs, undefined, { signal, ref: false });
  }
}

function destinationOf({ eventSettings }: FunctionModel, { condition }: Ended): string | undefined {
  return condition === 'Success' ? eventSettings?.onSuccess : eventSettings?.onFailure;
}

interface Dead {
  readonly payload: string;
  readonly ended: Ended;
  readonly sendToQueue: SendToQueue;
}

/**
 * Sends an event that was given up to the function's dead-letter queue, if it has one: as it was, with the reason in
 * attributes. See https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq.
 */
function toDeadLetters({ deadLetterQueue }: FunctionModel, { payload, ended, sendToQueue }: Dead): boolean {
  if (deadLetterQueue === undefined) return false;
  const { requestId, outcome } = ended.last;
  const reason = 'errorMessage' in outcome ? outcome.errorMessage : ended.condition;
  const attributes = { RequestID: requestId, ErrorCode: 200, ErrorMessage: reason.slice(0, ERROR_MAXIMUM_LENGTH) };
  return sendToQueue(deadLetterQueue, payload, attributes);
}

interface Recorded {
  readonly model: FunctionModel;
  readonly payload: string;
  readonly ended: Ended;
  readonly nowMs: number;
}

/** Returns the record that a destination receives. */
function recordOf({ model, payload, ended, nowMs }: Recorded): object {
  const { condition, attempts, last } = ended;
  const { outcome } = last;
  const failure = outcome.kind === 'function-error' ? { functionError: 'Unhandled' } : {};
  return {
    version: '1.0',
    timestamp: new Date(nowMs).toISOString(),
    requestContext: {
      requestId: last.requestId,
      functionArn: `${model.arn}:$LATEST`,
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: JSON.parse(payload),
    responseContext: { statusCode: 200, executedVersion: '$LATEST', ...failure },
    responsePayload: responseOf(outcome),
  };
}

function responseOf(outcome: JsonInvocation['outcome']): unknown {
  if (outcome.kind === 'success') return JSON.parse(outcome.payload);
  if (outcome.kind !== 'function-error') return null;
  const { errorType, errorMessage, trace } = outcome;
  return { errorType, errorMessage, trace };
}

function lost({ name }: FunctionModel, { condition, attempts }: Ended): string {
  return condition === 'Success'
    ? `${name}: the record of an asynchronous event is lost, because too many events wait`
    : `${name}: an asynchronous event is given up after ${attempts} attempts (${condition}), and nobody here receives it`;
}
