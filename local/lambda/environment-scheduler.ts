import type { FunctionModel } from '../model.ts';
import type { EnvironmentOutcome, ExecutionEnvironment, InvocationRequest } from './execution-environment.ts';
import { FairQueue } from './fair-queue.ts';
import type { LambdaLimits } from './lambda-limits.ts';
import { processTime } from './served-time.ts';

/** An invocation that runs or waits for an environment. */
export interface Job {
  readonly model: FunctionModel;
  readonly request: InvocationRequest;
  /** The source of the invocation. Waiting invocations of a function begin in turn by their sources. */
  readonly source: string;
  /** Aborted when nobody waits for the invocation any more; a waiting one then does not begin. */
  readonly signal: AbortSignal | undefined;
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
const ABANDONED: EnvironmentOutcome = {
  kind: 'service-error',
  errorMessage: 'nobody waits for the invocation any more',
};
const THROTTLED: EnvironmentOutcome = {
  kind: 'throttled',
  errorMessage: 'Rate Exceeded: throttled, too many invocations are waiting',
};

/**
 * The scheduler of invocations: each gets an idle environment, a new one, or, when a bound is reached, waits. The
 * waiting jobs of a function begin in turn by their sources, and functions in turn too. Invariant: no job waits that
 * could run, except for a moment in which a warm environment may become free.
 */
export class EnvironmentScheduler {
  #isClosed = false;
  /** The waiting jobs of each function. The first function's turn is next. */
  readonly #waiting = new Map<FunctionModel, FairQueue<WaitingJob>>();
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
    else if (job.signal?.aborted === true) job.done(ABANDONED);
    else if (this.#canRun(job.model)) void this.#run(job);
    else if (this.#makeRoom(job)) this.#wait(job);
    else job.done(THROTTLED);
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
    for (const queue of this.#waiting.values()) {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) job.done(CLOSED);
    }
    await Promise.all([...this.#processes].map((environment) => environment.end()));
  }

  /** Returns whether one more job may wait. If need be, one of a source with more waiting jobs is refused instead. */
  #makeRoom({ model, source }: Job): boolean {
    const queue = this.#waiting.get(model);
    if (queue === undefined) return true;
    this.#refuseOld(queue);
    if (queue.size < this.#limits.queueLength) return true;
    const displaced = queue.displaceFor(source);
    displaced?.done(THROTTLED);
    return displaced !== undefined;
  }

  /**
   * Refuses jobs that have waited for long, of sources with many waiting jobs. They wait for their own source mostly.
   */
  #refuseOld(queue: FairQueue<WaitingJob>): void {
    const { backlogMs, backlogPerSource } = this.#limits;
    const oldestMs = processTime.now() - backlogMs;
    for (const { source, item, count } of queue.heads()) {
      if (count <= backlogPerSource || item.sinceMs > oldestMs) continue;
      queue.remove(source, item);
      item.done(THROTTLED);
    }
  }

  #wait(job: Job): void {
    const waiting = { ...job, sinceMs: processTime.now() };
    const queue = this.#waiting.get(job.model) ?? new FairQueue<WaitingJob>();
    this.#waiting.set(job.model, queue);
    queue.push(job.source, waiting);
    job.signal?.addEventListener('abort', () => queue.remove(job.source, waiting) && job.done(ABANDONED), {
      once: true,
    });
    if (!this.#looks.has(job.model)) this.#lookIn(job.model, this.#untilStandstillMs(waiting));
  }

  #lookIn(model: FunctionModel, ms: number): void {
    this.#looks.set(model, setTimeout(() => this.#look(model), ms).unref());
  }

  /** Starts one more environment if the function's jobs have stood still for long enough. */
  #look(model: FunctionModel): void {
    this.#looks.delete(model);
    const queue = this.#waiting.get(model);
    const job = queue && longestWaiting(queue);
    if (queue === undefined || job === undefined || this.#isClosed) return;
    const { standstillMs, longestWaitMs, concurrencyPerFunction } = this.#limits;
    const leftMs = this.#untilStandstillMs(job);
    if (leftMs <= 0 && this.#hasRoom(model, concurrencyPerFunction)) this.#runNext(queue);
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
    const standsUntilMs = isStarting ? processTime.now() + standstillMs : stillSinceMs + standstillMs;
    return Math.min(standsUntilMs, sinceMs + longestWaitMs) - processTime.now();
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
    this.#begunAtMs.set(job.model, processTime.now());
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
    for (const [model, queue] of this.#waiting) {
      this.#refuseOld(queue);
      while (queue.size > 0 && this.#canRun(model)) this.#runNext(queue);
    }
  }

  /** Runs the next job of a function, whose next turn is after the other functions. */
  #runNext(queue: FairQueue<WaitingJob>): void {
    const job = queue.shift();
    if (job === undefined) return;
    this.#waiting.delete(job.model);
    if (queue.size > 0) this.#waiting.set(job.model, queue);
    void this.#run(job);
  }
}

function longestWaiting(queue: FairQueue<WaitingJob>): WaitingJob | undefined {
  const [first, ...others] = queue.heads().map(({ item }) => item);
  return others.reduce((oldest, job) => (oldest && oldest.sinceMs <= job.sinceMs ? oldest : job), first);
}
