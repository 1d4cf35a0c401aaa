import { randomUUID } from 'node:crypto';
import type { FunctionModel, InvocationResult, Invoke, Terminal } from '../model.ts';
import { bootstrapSource } from './bootstrap-source.ts';
import { EnvironmentScheduler } from './environment-scheduler.ts';
import { type EnvironmentOutcome, ExecutionEnvironment } from './execution-environment.ts';
import { functionEnvironment } from './function-environment.ts';
import { DEFAULT_LAMBDA_LIMITS, type LambdaLimits } from './lambda-limits.ts';

export interface LambdaPoolOptions {
  readonly functions: readonly FunctionModel[];
  readonly region: string;
  readonly accountId: string;
  /** What the runtime adds to each function's environment: AWS_ENDPOINT_URL_DYNAMODB and the like. */
  readonly extraEnvironment: Readonly<Record<string, string>>;
  readonly limits?: Partial<LambdaLimits>;
}

export interface LambdaPoolDeps {
  readonly terminal: Terminal;
  readonly now?: () => number;
  readonly randomUUID?: () => string;
}

export interface LambdaPool {
  readonly invoke: Invoke;
  /** The same for whoever has JSON text and wants JSON text: neither is parsed on the way. Never rejects. */
  readonly invokeJson: (functionArn: string, payload: string) => Promise<JsonInvocation>;
  /** Live execution environments, for tests and fault injection. */
  readonly environments: () => readonly { functionName: string; pid: number; busy: boolean }[];
  readonly onInvocationEnd: (listener: (functionArn: string) => void) => void;
  /** Resolves when every child process is dead. */
  readonly close: () => Promise<void>;
}

export interface JsonInvocation {
  readonly requestId: string;
  readonly outcome: EnvironmentOutcome | Refused;
}

interface Service {
  readonly limits: LambdaLimits;
  readonly now: () => number;
  readonly newId: () => string;
  readonly terminal: Terminal;
}

/** The local Lambda service: runs each function's bundle in processes of its own. */
export function createLambdaPool(options: LambdaPoolOptions, deps: LambdaPoolDeps): LambdaPool {
  const service: Service = {
    limits: { ...DEFAULT_LAMBDA_LIMITS, ...options.limits },
    now: deps.now ?? Date.now,
    newId: deps.randomUUID ?? randomUUID,
    terminal: deps.terminal,
  };
  const models = new Map(options.functions.map((model) => [model.arn, model]));
  const listeners: ((functionArn: string) => void)[] = [];
  let source: string | undefined;
  const scheduler: EnvironmentScheduler = new EnvironmentScheduler(service.limits, {
    startEnvironment: (model) =>
      startEnvironment({ model, options, service, source: source ?? '', onExit: (ended) => scheduler.forget(ended) }),
  });

  const invokeJson: LambdaPool['invokeJson'] = async (functionArn, payload) => {
    const requestId = service.newId();
    const accepted = accept(models.get(functionArn), payload, service.limits);
    if (accepted.kind === 'refused') return { requestId, outcome: accepted };
    try {
      source ??= await bootstrapSource();
    } catch (error) {
      const errorMessage = `no execution environment: ${String(error)}`;
      return { requestId, outcome: { kind: 'service-error', errorMessage } };
    }
    const request = { requestId, payload, traceId: newTraceId(service) };
    const outcome = await new Promise<EnvironmentOutcome>((done) => {
      scheduler.submit({ model: accepted.model, request, done });
    });
    for (const listener of listeners) listener(functionArn);
    return { requestId, outcome };
  };
  const invoke: Invoke = async (functionArn, event) => {
    const payload = serialize(event);
    if (payload === undefined) return { outcome: 'function-error', requestId: service.newId(), ...NOT_JSON };
    return resultOf(await invokeJson(functionArn, payload));
  };
  return {
    invoke,
    invokeJson,
    environments: () => scheduler.environments(),
    onInvocationEnd: (listener) => void listeners.push(listener),
    close: () => scheduler.close(),
  };
}

interface StartOptions {
  readonly model: FunctionModel;
  readonly options: LambdaPoolOptions;
  readonly service: Service;
  readonly source: string;
  readonly onExit: (environment: ExecutionEnvironment) => void;
}

function startEnvironment({ model, options, service, source, onExit }: StartOptions): ExecutionEnvironment {
  const environment = functionEnvironment({
    model,
    region: options.region,
    extraEnvironment: options.extraEnvironment,
    startedAtMs: service.now(),
    instanceId: hexDigits(service),
    inherited: process.env,
  });
  return new ExecutionEnvironment(
    { model, limits: service.limits, source, environment },
    {
      now: service.now,
      log: (requestId, line) => service.terminal.lambdaLog(model.name, requestId, line),
      onExit,
    },
  );
}

type Accepted = { readonly kind: 'accepted'; readonly model: FunctionModel };
type Refused = { readonly kind: 'refused'; readonly errorType: string; readonly errorMessage: string };

/** How Lambda refuses an event that is no JSON … */
export const NOT_JSON = {
  errorType: 'InvalidRequestContentException',
  errorMessage: 'Could not parse request body into json',
} as const;

/** … and how one that is too large. */
export function tooLargeText(maximumBytes: number): string {
  return `Request must be smaller than ${maximumBytes} bytes for the InvokeFunction operation`;
}

/** What Lambda refuses before any code runs is, for whoever asked, no fault of the service: asking again is in vain. */
function accept(model: FunctionModel | undefined, payload: string, limits: LambdaLimits): Accepted | Refused {
  if (!model) {
    return { kind: 'refused', errorType: 'ResourceNotFoundException', errorMessage: 'Function not found' };
  }
  if (Buffer.byteLength(payload) <= limits.requestBytes) return { kind: 'accepted', model };
  return { kind: 'refused', errorType: 'RequestTooLargeException', errorMessage: tooLargeText(limits.requestBytes) };
}

function serialize(event: unknown): string | undefined {
  try {
    return JSON.stringify(event ?? {});
  } catch {
    // A cycle or a BigInt: the caller hears that its event is no JSON.
    return undefined;
  }
}

function resultOf({ requestId, outcome }: JsonInvocation): InvocationResult {
  if (outcome.kind === 'success') return { outcome: 'success', requestId, payload: JSON.parse(outcome.payload) };
  const { errorMessage } = outcome;
  if ('errorType' in outcome) {
    return { outcome: 'function-error', requestId, errorType: outcome.errorType, errorMessage };
  }
  return { outcome: 'service-error', requestId, errorMessage };
}

/** Not sampled: nothing here collects traces. */
function newTraceId(service: Service): string {
  const seconds = Math.floor(service.now() / 1_000).toString(16);
  const digits = hexDigits(service);
  return `Root=1-${seconds}-${digits.slice(0, 24)};Parent=${hexDigits(service).slice(0, 16)};Sampled=0`;
}

function hexDigits(service: Service): string {
  return service.newId().replaceAll('-', '');
}
