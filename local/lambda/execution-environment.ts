import type { FunctionModel } from '../model.ts';
import { ChildRuntime, type ChildReply } from './child-runtime.ts';
import type { LambdaLimits } from './lambda-limits.ts';
import type { InvocationMessage } from './runtime-messages.ts';

/** Share of a function's memory for the heap's old objects, and for each of the two spaces of young ones. */
const OLD_SPACE_SHARE = 0.9;
const SEMI_SPACE_SHARE = 0.05;

export interface ExecutionEnvironmentOptions {
  readonly model: FunctionModel;
  readonly limits: LambdaLimits;
  readonly source: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface ExecutionEnvironmentDeps {
  readonly now: () => number;
  readonly log: (requestId: string | undefined, line: string) => void;
  readonly onExit: (environment: ExecutionEnvironment) => void;
}

/** How an invocation ended inside its environment. */
export type EnvironmentOutcome =
  | { readonly kind: 'success'; readonly payload: string }
  | {
      readonly kind: 'function-error';
      readonly errorType: string;
      readonly errorMessage: string;
      /** Missing when the environment itself failed: there is no stack then. */
      readonly trace?: readonly string[];
    }
  /** Too much runs and waits already. */
  | { readonly kind: 'throttled'; readonly errorMessage: string }
  | { readonly kind: 'service-error'; readonly errorMessage: string };

export interface InvocationRequest {
  readonly requestId: string;
  readonly payload: string;
  readonly traceId: string;
}

/** One process with one function in it: initialized by its first invocation, frozen between invocations. */
export class ExecutionEnvironment {
  readonly model: FunctionModel;
  #child: ChildRuntime;
  #state: 'new' | 'usable' | 'frozen' | 'ended' = 'new';
  #requestId: string | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
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

  /** Its code is being loaded. */
  get isStarting(): boolean {
    return this.#state === 'new';
  }

  get usable(): boolean {
    return this.#state !== 'ended';
  }

  /** Runs one invocation; never rejects. Afterwards the environment is usable or has ended. */
  async invoke(request: InvocationRequest): Promise<EnvironmentOutcome> {
    clearTimeout(this.#idleTimer);
    if (this.#state === 'frozen') this.#child.signal('SIGCONT');
    this.#requestId = request.requestId;
    const reply = this.#state === 'new' ? await this.#initializeAndRun(request) : await this.#run(request);
    const survives = (reply.kind === 'success' || reply.kind === 'error') && this.usable;
    this.#state = survives ? 'usable' : 'ended';
    const outcome = this.#outcomeOf(reply, request.requestId);
    this.#requestId = undefined;
    if (!this.usable) this.#child.signal('SIGKILL');
    return outcome;
  }

  /** Nothing runs until the next invocation, as on Lambda: timers, sockets and un-awaited promises stand still. */
  freeze(onIdle: () => void): void {
    if (!this.usable) return;
    this.#state = 'frozen';
    this.#child.signal('SIGSTOP');
    this.#idleTimer = setTimeout(onIdle, this.#options.limits.idleSeconds * 1_000).unref();
  }

  /** Ends the process; resolves when it is gone. What is frozen has nothing to tidy up: SIGKILL reaches it as it is. */
  async end(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const atOnce = this.#requestId === undefined || !this.usable;
    this.#child.signal(atOnce ? 'SIGKILL' : 'SIGTERM');
    this.#state = 'ended';
    const timer = setTimeout(() => this.#child.signal('SIGKILL'), this.#options.limits.terminationGraceMs);
    await this.#child.exited;
    clearTimeout(timer);
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

  /** The end of a child that is replaced after a slow INIT is not the environment's. */
  #exited(): void {
    if (this.#isRestarting) return;
    this.#state = 'ended';
    clearTimeout(this.#idleTimer);
    this.#deps.onExit(this);
  }

  async #initializeAndRun(request: InvocationRequest): Promise<ChildReply> {
    const ready = await this.#initialize();
    if (this.isStarting) this.#state = 'usable';
    return ready.kind === 'ready' ? await this.#run(request) : ready;
  }

  /** INIT that takes too long is begun again within the invocation, under the function's own time limit, as on Lambda. */
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

  #run({ requestId, payload, traceId }: InvocationRequest): Promise<ChildReply> {
    const timeoutMs = this.model.timeoutSeconds * 1_000;
    const message: InvocationMessage = {
      requestId,
      payload,
      traceId,
      functionArn: this.model.arn,
      deadlineMs: this.#deps.now() + timeoutMs,
      maxResponseBytes: this.#options.limits.responseBytes,
    };
    return this.#child.ask(timeoutMs, message);
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
        break;
    }
    return { kind: 'service-error', errorMessage: 'the execution environment answered out of turn' };
  }

  #timedOut(requestId: string): EnvironmentOutcome {
    const seconds = this.model.timeoutSeconds.toFixed(2);
    const errorMessage = `${new Date(this.#deps.now()).toISOString()} ${requestId} Task timed out after ${seconds} seconds`;
    this.#deps.log(requestId, errorMessage);
    return { kind: 'function-error', errorType: 'Sandbox.Timedout', errorMessage };
  }
}

/** V8's own defaults let the young space grow far past what a small function has, and a developer's machine with it. */
function memoryFlags(memoryMb: number): readonly string[] {
  const oldSpaceMb = Math.floor(memoryMb * OLD_SPACE_SHARE);
  const semiSpaceMb = Math.max(1, Math.floor(memoryMb * SEMI_SPACE_SHARE));
  return [`--max-old-space-size=${oldSpaceMb}`, `--max-semi-space-size=${semiSpaceMb}`];
}

function exitError(requestId: string, description: string) {
  return { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${description}` };
}
