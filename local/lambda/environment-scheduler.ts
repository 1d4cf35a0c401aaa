import type { FunctionModel } from '../model.ts';
import type { EnvironmentOutcome, ExecutionEnvironment, InvocationRequest } from './execution-environment.ts';
import type { LambdaLimits } from './lambda-limits.ts';

/** An invocation that runs or waits for an environment. */
export interface Job {
  readonly model: FunctionModel;
  readonly request: InvocationRequest;
  readonly done: (outcome: EnvironmentOutcome) => void;
}

interface WaitingJob extends Job {
  readonly sinceMs: number;
}

/** The dependencies of the scheduler. */
export interface EnvironmentSchedulerDeps {
  /** Starts an environment. Throws if no process can be started. */
  readonly startEnvironment: (model: FunctionModel) => ExecutionEnvironment;
}

const CLOSED: EnvironmentOutcome = { kind: 'service-error', errorMessage: 'the Lambda service has been closed' };

/**
 * The scheduler of invocations: each gets an idle environment, a new one, or, when a bound is reached, waits in order
 * of arrival. Invariant: no job waits that could run, except for a moment in which a warm environment may become free.
 */
export class EnvironmentScheduler {
  #isClosed = false;
  readonly #waiting: WaitingJob[] = [];
  /** The environments that count against the bounds; at most `concurrencyTotal`. */
  readonly #live = new Set<ExecutionEnvironment>();
  /** The free environments in `#live`, longest idle first. */
  readonly #idle = new Set<ExecutionEnvironment>();
  /** The environments whose process exists, also those being killed. */
  readonly #processes = new Set<ExecutionEnvironment>();
  /** The timer of the next standstill check of each function with waiting jobs. */
  readonly #looks = new Map<FunctionModel, NodeJS.Timeout>();
  /** The time in ms at which each function's newest job began. */
  readonly #begunAtMs = new Map<FunctionModel, number>();
  readonly #limits: LambdaLimits;
  readonly #deps: EnvironmentSchedulerDeps;

  constructor(limits: LambdaLimits, deps: EnvironmentSchedulerDeps) {
    this.#limits = limits;
    this.#deps = deps;
  }

  submit(job: Job): void {
    if (this.#isClosed) job.done(CLOSED);
    else if (this.#canRun(job.model)) void this.#run(job);
    else if (this.#waiting.length < this.#limits.queueLength) this.#wait(job);
    else job.done({ kind: 'throttled', errorMessage: 'Rate Exceeded: throttled, too many invocations are waiting' });
  }

  environments(): readonly { functionName: string; pid: number; busy: boolean }[] {
    return [...this.#live].flatMap((environment) => {
      const { pid, model } = environment;
      return pid === undefined ? [] : [{ functionName: model.name, pid, busy: !this.#idle.has(environment) }];
    });
  }

  /** Removes an environment whose process has exited. */
  forget(environment: ExecutionEnvironment): void {
    this.#live.delete(environment);
    this.#idle.delete(environment);
    this.#processes.delete(environment);
    this.#runWaiting();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#looks.values()) clearTimeout(timer);
    this.#looks.clear();
    for (const job of this.#waiting.splice(0)) job.done(CLOSED);
    await Promise.all([...this.#processes].map((environment) => environment.end()));
  }

  #wait(job: Job): void {
    const waiting = { ...job, sinceMs: performance.now() };
    this.#waiting.push(waiting);
    if (!this.#looks.has(job.model)) this.#lookIn(job.model, this.#untilStandstillMs(waiting));
  }

  #lookIn(model: FunctionModel, ms: number): void {
    this.#looks.set(model, setTimeout(() => this.#look(model), ms).unref());
  }

  /** Starts one more environment if the function's jobs have stood still for long enough. */
  #look(model: FunctionModel): void {
    this.#looks.delete(model);
    const job = this.#waiting.find((waiting) => waiting.model === model);
    if (job === undefined || this.#isClosed) return;
    const { standstillMs, longestWaitMs, concurrencyPerFunction } = this.#limits;
    const leftMs = this.#untilStandstillMs(job);
    if (leftMs <= 0 && this.#hasRoom(model, concurrencyPerFunction)) {
      this.#waiting.splice(this.#waiting.indexOf(job), 1);
      void this.#run(job);
    }
    this.#lookIn(model, leftMs > 0 ? leftMs : Math.min(standstillMs, longestWaitMs));
  }

  /**
   * Returns the time in ms until a waiting job counts as standing still. While another environment loads its code, it
   * does not.
   */
  #untilStandstillMs({ model, sinceMs }: WaitingJob): number {
    const { standstillMs, longestWaitMs } = this.#limits;
    const isStarting = this.#of(model).some((environment) => environment.isStarting);
    const stillSinceMs = Math.max(sinceMs, this.#begunAtMs.get(model) ?? 0);
    const standsUntilMs = isStarting ? performance.now() + standstillMs : stillSinceMs + standstillMs;
    return Math.min(standsUntilMs, sinceMs + longestWaitMs) - performance.now();
  }

  #canRun(model: FunctionModel): boolean {
    const { promptPerFunction, concurrencyPerFunction } = this.#limits;
    if (this.#findIdle(model)) return true;
    return this.#hasRoom(model, Math.min(promptPerFunction, concurrencyPerFunction));
  }

  #hasRoom(model: FunctionModel, perFunction: number): boolean {
    const hasRoomInAll = this.#live.size < this.#limits.concurrencyTotal || this.#idle.size > 0;
    return hasRoomInAll && this.#of(model).length < perFunction;
  }

  #of(model: FunctionModel): ExecutionEnvironment[] {
    return [...this.#live].filter((environment) => environment.model === model);
  }

  /** Returns the environment used last, so that those started for a peak can time out. */
  #findIdle(model: FunctionModel): ExecutionEnvironment | undefined {
    return [...this.#idle].findLast((environment) => environment.model === model);
  }

  async #run(job: Job): Promise<void> {
    this.#begunAtMs.set(job.model, performance.now());
    const environment = this.#take(job.model);
    if ('errorMessage' in environment) {
      job.done(environment);
      return;
    }
    const outcome = await environment.invoke(job.request);
    if (environment.usable) this.#idle.add(environment);
    else this.#live.delete(environment);
    this.#runWaiting();
    if (this.#idle.has(environment)) environment.freeze(() => this.#retire(environment));
    job.done(this.#isClosed && outcome.kind !== 'success' ? CLOSED : outcome);
  }

  #take(model: FunctionModel): ExecutionEnvironment | Extract<EnvironmentOutcome, { kind: 'service-error' }> {
    const idle = this.#findIdle(model);
    if (idle) {
      this.#idle.delete(idle);
      return idle;
    }
    try {
      return this.#start(model);
    } catch (error) {
      return { kind: 'service-error', errorMessage: `no execution environment: ${String(error)}` };
    }
  }

  #start(model: FunctionModel): ExecutionEnvironment {
    const [longestIdle] = this.#idle;
    if (longestIdle && this.#live.size >= this.#limits.concurrencyTotal) this.#retire(longestIdle);
    const environment = this.#deps.startEnvironment(model);
    this.#live.add(environment);
    this.#processes.add(environment);
    return environment;
  }

  #retire(environment: ExecutionEnvironment): void {
    this.#idle.delete(environment);
    this.#live.delete(environment);
    void environment.end();
  }

  #runWaiting(): void {
    const blocked = new Set<FunctionModel>();
    for (let index = 0; index < this.#waiting.length; ) {
      const job = this.#waiting[index];
      if (job && !blocked.has(job.model) && this.#canRun(job.model)) {
        this.#waiting.splice(index, 1);
        void this.#run(job);
      } else {
        if (job) blocked.add(job.model);
        index += 1;
      }
    }
  }
}
