import { randomUUID } from 'node:crypto';
import { mkdtempSync, rm } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionModel, InvocationResult, Invoke, InvokeOptions, Terminal } from '../model.ts';
import { bootstrapSource } from './bootstrap-source.ts';
import type { OnChunk } from './child-runtime.ts';
import { EnvironmentScheduler } from './environment-scheduler.ts';
import { type EnvironmentOutcome, ExecutionEnvironment } from './execution-environment.ts';
import { type FunctionCredentials, functionEnvironment, type FunctionNetwork } from './function-environment.ts';
import { lambdaLimits, type LambdaLimits } from './lambda-limits.ts';

/** The options of the local Lambda service. */
export interface LambdaPoolOptions {
  readonly functions: readonly FunctionModel[];
  readonly region: string;
  readonly accountId: string;
  /** The variables that the runtime adds to each function's environment, such as AWS_ENDPOINT_URL_DYNAMODB. */
  readonly extraEnvironment: Readonly<Record<string, string>>;
  /** Returns the keys by which a function signs. Default: the same for all. */
  readonly credentialsOf?: (functionArn: string) => FunctionCredentials | undefined;
  /** Default: no host of AWS is reached. */
  readonly network?: FunctionNetwork;
  /** The directory for the temporary directories of execution environments. Default: that of the machine. */
  readonly temporaryDirectory?: string;
  readonly limits?: Partial<LambdaLimits>;
}

/** The dependencies of the local Lambda service. */
export interface LambdaPoolDeps {
  readonly terminal: Terminal;
  readonly now?: () => number;
  readonly randomUUID?: () => string;
  /** Sees each invocation at its begin, and by the returned function at its end. Default: nobody does. */
  readonly observe?: ObserveInvocation | undefined;
}

/** An observer of invocations. */
export type ObserveInvocation = (begun: BegunInvocation) => (outcome: JsonInvocation['outcome']) => void;

/** An invocation that was accepted, and may still wait for an environment. */
export interface BegunInvocation {
  readonly requestId: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** The event as JSON text. */
  readonly payload: string;
}

/** The running Lambda service. */
export interface LambdaPool {
  readonly invoke: Invoke;
  /**
   * Invokes a function with an event as JSON text, and resolves to the result as JSON text. Neither is parsed on the
   * way. Never rejects.
   */
  readonly invokeJson: (functionArn: string, payload: string, options?: JsonInvokeOptions) => Promise<JsonInvocation>;
  /** Returns the live execution environments, for tests and fault injection. */
  readonly environments: () => readonly { functionName: string; pid: number; busy: boolean }[];
  /** Ends every environment. Resolves when all child processes have exited. */
  readonly close: () => Promise<void>;
}

/** The caller of an invocation whose result may be streamed. */
export interface JsonInvokeOptions extends InvokeOptions {
  /** Receives the parts of a streamed result, before the invocation resolves. */
  readonly onChunk?: OnChunk;
  /** The request id, of an event that was answered with it already. Default: a new one. */
  readonly requestId?: string;
  /** The client context as JSON text. */
  readonly clientContext?: string | undefined;
}

/** The result of an invocation, as JSON text. */
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

/** Creates the local Lambda service, which runs each function's bundle in child processes. */
export function createLambdaPool(options: LambdaPoolOptions, deps: LambdaPoolDeps): LambdaPool {
  const service: Service = {
    limits: lambdaLimits(options.limits),
    now: deps.now ?? Date.now,
    newId: deps.randomUUID ?? randomUUID,
    terminal: deps.terminal,
  };
  const models = new Map(options.functions.map((model) => [model.arn, model]));
  let source: string | undefined;
  const scheduler: EnvironmentScheduler = new EnvironmentScheduler(service.limits, {
    startEnvironment: (model) =>
      startEnvironment({ model, options, service, source: source ?? '', onExit: (ended) => scheduler.forget(ended) }),
  });

  const invokeJson: LambdaPool['invokeJson'] = async (functionArn, payload, options = {}) => {
    const { source: from = '', signal, onChunk, requestId = service.newId(), clientContext } = options;
    const accepted = accept(models.get(functionArn), payload, service.limits);
    if (accepted.kind === 'refused') return { requestId, outcome: accepted };
    try {
      source ??= await bootstrapSource();
    } catch (error) {
      const errorMessage = `no execution environment: ${String(error)}`;
      return { requestId, outcome: { kind: 'service-error', errorMessage } };
    }
    const { name: functionName } = accepted.model;
    const ended = deps.observe?.({ requestId, functionName, functionArn, payload });
    const request = { requestId, payload, traceId: newTraceId(service), clientContext, onChunk };
    const outcome = await new Promise<EnvironmentOutcome>((done) => {
      scheduler.submit({ model: accepted.model, request, source: from, signal, done });
    });
    ended?.(outcome);
    return { requestId, outcome };
  };
  const invoke: Invoke = async (functionArn, event, from) => {
    const payload = serialize(event);
    if (payload === undefined) return { outcome: 'function-error', requestId: service.newId(), ...NOT_JSON };
    return resultOf(await invokeJson(functionArn, payload, from));
  };
  return {
    invoke,
    invokeJson,
    environments: () => scheduler.environments(),
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
  const temporaryDirectory = mkdtempSync(join(options.temporaryDirectory ?? tmpdir(), 'lambda-tmp-'));
  const environment = functionEnvironment({
    model,
    region: options.region,
    extraEnvironment: options.extraEnvironment,
    credentials: options.credentialsOf?.(model.arn),
    network: options.network ?? { hosts: {}, certificateFile: undefined },
    startedAtMs: service.now(),
    instanceId: hexDigits(service),
    temporaryDirectory,
  });
  return new ExecutionEnvironment(
    { model, limits: service.limits, source, environment },
    {
      now: service.now,
      log: (requestId, line) => service.terminal.lambdaLog(model.name, requestId, line),
      onExit: (environment) => {
        onExit(environment);
        // Nobody waits for it: an environment ends without its files.
        rm(temporaryDirectory, { recursive: true, force: true }, () => undefined);
      },
    },
  );
}

type Accepted = { readonly kind: 'accepted'; readonly model: FunctionModel };
type Refused = { readonly kind: 'refused'; readonly errorType: string; readonly errorMessage: string };

/** Lambda's refusal of an event that is not JSON. */
export const NOT_JSON = {
  errorType: 'InvalidRequestContentException',
  errorMessage: 'Could not parse request body into json',
} as const;

/** Returns Lambda's message for an event over the size limit. */
export function tooLargeText(maximumBytes: number): string {
  return `Request must be smaller than ${maximumBytes} bytes for the InvokeFunction operation`;
}

/**
 * Accepts an invocation or refuses it before any code runs. A refusal is an error of the caller, not of the service:
 * retrying is useless.
 */
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
    // A cycle or a BigInt: reported to the caller as an event that is not JSON.
    return undefined;
  }
}

function resultOf({ requestId, outcome }: JsonInvocation): InvocationResult {
  if (outcome.kind === 'success') return { outcome: 'success', requestId, payload: JSON.parse(outcome.payload) };
  const { errorMessage } = outcome;
  if ('errorType' in outcome) {
    return { outcome: 'function-error', requestId, errorType: outcome.errorType, errorMessage };
  }
  return { outcome: 'service-error', requestId, errorMessage, isThrottled: outcome.kind === 'throttled' };
}

/** Returns a trace id that is not sampled: no traces are collected. */
function newTraceId(service: Service): string {
  const seconds = Math.floor(service.now() / 1_000).toString(16);
  const digits = hexDigits(service);
  return `Root=1-${seconds}-${digits.slice(0, 24)};Parent=${hexDigits(service).slice(0, 16)};Sampled=0`;
}

function hexDigits(service: Service): string {
  return service.newId().replaceAll('-', '');
}
