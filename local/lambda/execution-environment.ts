import type { FunctionModel } from '../model.ts';
import { type ChildReply, ChildRuntime, type OnChunk } from './child-runtime.ts';
import type { LambdaLimits } from './lambda-limits.ts';
import { memoryFlags } from './memory-flags.ts';
import type { InvocationMessage } from './runtime-messages.ts';

/**
 * Time in ms for which an environment may have been idle before an invocation to count as busy, and for which a busy
 * one stays unfrozen after an invocation, 10: the next one is near, and two signals cost more than a short invocation.
 */
const BUSY_MS = 10;

/** The options of an execution environment. */
export interface ExecutionEnvironmentOptions {
  readonly model: FunctionModel;
  readonly limits: LambdaLimits;
  readonly source: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The dependencies of an execution environment. */
export interface ExecutionEnvironmentDeps {
  readonly now: () => number;
  readonly log: (requestId: string | undefined, line: string) => void;
  readonly onExit: (environment: ExecutionEnvironment) => void;
}

/** The outcome of an invocation in its environment. */
export type EnvironmentOutcome =
  | { readonly kind: 'success'; readonly payload: string }
  | {
      readonly kind: 'function-error';
      readonly errorType: string;
      readonly errorMessage: string;
      /** The stack of the error; missing when the environment itself failed. */
      readonly trace?: readonly string[];
    }
  /** The service runs and queues too many invocations already. */
  | { readonly kind: 'throttled'; readonly errorMessage: string }
  | { readonly kind: 'service-error'; readonly errorMessage: string };

/** An invocation as an environment receives it. */
export interface InvocationRequest {
  readonly requestId: string;
  readonly payload: string;
  readonly traceId: string;
  /** The caller's client context as JSON text, if it sent one. */
  readonly clientContext?: string | undefined;
  /** Receives the parts of a streamed result. */
  readonly onChunk?: OnChunk | undefined;
}

/**
 * An execution environment: one process with one function, initialized by its first invocation and frozen between
 * invocations.
 */
export class ExecutionEnvironment {
  readonly model: FunctionModel;
  #child: ChildRuntime;
  #state: 'new' | 'usable' | 'frozen' | 'ended' = 'new';
  #requestId: string | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #freezeTimer: NodeJS.Timeout | undefined;
  /** The time in ms at which the last invocation ended. */
  #idleSinceMs = 0;
  #isBusy = false;
  #isRestarting = false;
  readonly #options: ExecutionEnvironmentOptions;
  readonly #deps: ExecutionEnvironmentDeps;

  constructor(options: ExecutionEnvironmentOptions, deps: ExecutionEnvironmentDeps) {
    this.model = options.model;
    this.#options = options;
    this.#deps = deps;
    this.#child = this.#startChild();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether the function's code is still being loaded. */
  get isStarting(): boolean {
    return this.#state === 'new';
  }

  get usable(): boolean {
    return this.#state !== 'ended';
  }

  /** Runs one invocation. Never rejects. Afterwards the environment is usable or has ended. */
  async invoke(request: InvocationRequest): Promise<EnvironmentOutcome> {
    this.#awake();
    this.#requestId = request.requestId;
    const reply = this.#state === 'new' ? await this.#initializeAndRun(request) : await this.#run(request);
    const survives = (reply.kind === 'success' || reply.kind === 'error') && this.usable;
    this.#state = survives ? 'usable' : 'ended';
    const outcome = this.#outcomeOf(reply, request.requestId);
    this.#idleSinceMs = this.#deps.now();
    this.#requestId = undefined;
    if (!this.usable) this.#child.signal('SIGKILL');
    return outcome;
  }

  /**
   * Stops the process until the next invocation, as Lambda does: timers, sockets and un-awaited promises stand still.
   * Under load they go on from one invocation to the next, as they soon would anyway.
   */
  freeze(onIdle: () => void): void {
    if (!this.usable) return;
    if (this.#isBusy) this.#freezeTimer = setTimeout(() => this.#stop(), BUSY_MS).unref();
    else this.#stop();
    this.#idleTimer = setTimeout(onIdle, this.#options.limits.idleSeconds * 1_000).unref();
  }

  /**
   * Ends the process; resolves when it has exited. A frozen process gets SIGKILL, because it has nothing to clean up.
   */
  async end(): Promise<void> {
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#freezeTimer);
    const atOnce = this.#requestId === undefined || !this.usable;
    this.#child.signal(atOnce ? 'SIGKILL' : 'SIGTERM');
    this.#state = 'ended';
    const timer = setTimeout(() => this.#child.signal('SIGKILL'), this.#options.limits.terminationGraceMs);
    await this.#child.exited;
    clearTimeout(timer);
  }

  #stop(): void {
    this.#state = 'frozen';
    this.#child.signal('SIGSTOP');
  }

  #awake(): void {
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#freezeTimer);
    if (this.#state === 'frozen') this.#child.signal('SIGCONT');
    this.#isBusy = this.#deps.now() - this.#idleSinceMs < BUSY_MS;
  }

  #startChild(): ChildRuntime {
    const { model, limits, source, environment } = this.#options;
    return new ChildRuntime({
      source,
      nodeFlags: memoryFlags(model.memoryMb),
      directory: model.codeDirectory,
      environment,
      maxLineLength: limits.lineBytes,
      onLine: (line) => this.#deps.log(this.#requestId, line),
      onExit: () => this.#exited(),
    });
  }

  /** Ends the environment when its child has exited, unless the child is replaced after a slow INIT. */
  #exited(): void {
    if (this.#isRestarting) return;
    this.#state = 'ended';
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#freezeTimer);
    this.#deps.onExit(this);
  }

  async #initializeAndRun(request: InvocationRequest): Promise<ChildReply> {
    const ready = await this.#initialize();
    if (this.isStarting) this.#state = 'usable';
    return ready.kind === 'ready' ? await this.#run(request) : ready;
  }

  /**
   * Initializes the function. An INIT over the limit is restarted within the invocation, under the function's own
   * timeout, as on Lambda.
   */
  async #initialize(): Promise<ChildReply> {
    const reply = await this.#child.ask(this.#options.limits.initMs);
    if (reply.kind !== 'time-limit' || !this.usable) return reply;
    this.#isRestarting = true;
    this.#child.signal('SIGKILL');
    await this.#child.exited;
    this.#isRestarting = false;
    if (!this.usable) return this.#exitedWhileRestarting();
    this.#child = this.#startChild();
    return await this.#child.ask(this.model.timeoutSeconds * 1_000);
  }

  #exitedWhileRestarting(): ChildReply {
    this.#deps.onExit(this);
    return { kind: 'exit', description: 'Runtime exited with error: signal: killed', error: undefined };
  }

  #run({ requestId, payload, traceId, clientContext, onChunk }: InvocationRequest): Promise<ChildReply> {
    const timeoutMs = this.model.timeoutSeconds * 1_000;
    const message: InvocationMessage = {
      requestId,
      payload,
      traceId,
      clientContext,
      functionArn: this.model.arn,
      deadlineMs: this.#deps.now() + timeoutMs,
      maxResponseBytes: this.#options.limits.responseBytes,
    };
    return this.#child.ask(timeoutMs, message, onChunk);
  }

  #outcomeOf(reply: ChildReply, requestId: string): EnvironmentOutcome {
    switch (reply.kind) {
      case 'success':
        return { kind: 'success', payload: reply.payload };
      case 'error':
      case 'fatal':
        return { ...reply.error, kind: 'function-error' };
      case 'exit':
        return {
          ...(reply.error ?? exitError(requestId, reply.description)),
          kind: 'function-error',
        };
      case 'time-limit':
        return this.#timedOut(requestId);
      case 'spawn-failure':
        return { kind: 'service-error', errorMessage: `no execution environment: ${reply.errorMessage}` };
      case 'ready':
      case 'chunk':
        break;
    }
    return { kind: 'service-error', errorMessage: 'the execution environment sent an unexpected reply' };
  }

  #timedOut(requestId: string): EnvironmentOutcome {
    const text = `Task timed out after ${this.model.timeoutSeconds.toFixed(2)} seconds`;
    this.#deps.log(requestId, `${new Date(this.#deps.now()).toISOString()} ${requestId} ${text}`);
    // The answer says it in other words than the log, since 2025.
    return {
      kind: 'function-error',
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: ${text}`,
    };
  }
}

function exitError(requestId: string, description: string) {
  return { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${description}` };
}
