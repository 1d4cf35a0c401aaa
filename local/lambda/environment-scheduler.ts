import type { FunctionModel } from '../model.ts';
import type { EnvironmentOutcome, ExecutionEnvironment, InvocationRequest } from './execution-environment.ts';
import type { LambdaLimits } from './lambda-limits.ts';

/** One invocation on its way to an environment. */
export interface Job {
  readonly model: FunctionModel;
  readonly request: InvocationRequest;
  readonly done: (outcome: EnvironmentOutcome) => void;
}

export interface EnvironmentSchedulerDeps {
  /** May throw when no process can be had. */
  readonly startEnvironment: (model: FunctionModel) => ExecutionEnvironment;
}

const CLOSED: EnvironmentOutcome = { kind: 'service-error', errorMessage: 'the Lambda service has been closed' };

/**
 * Gives invocations to environments: an idle one, a new one, or first come first served when a bound is reached.
 * Invariant: no job waits that could run, but for a moment in which one of several warm environments may become free.
 */
export class EnvironmentScheduler {
  #isClosed = false;
  readonly #waiting: Job[] = [];
  /** Count against the bounds; at most `concurrencyTotal`. */
  readonly #live = new Set<ExecutionEnvironment>();
  /** The part of `#live` that is free, longest idle first. */
  readonly #idle = new Set<ExecutionEnvironment>();
  /** Those whose process exists, also the ones being killed. */
  readonly #processes = new Set<ExecutionEnvironment>();
  /** By function: ends when none of its waiting jobs could begin for a while. */
  readonly #standstills = new Map<FunctionModel, NodeJS.Timeout>();
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
    else job.done({ kind: 'throttled', errorMessage: 'Rate Exceeded: throttled, too many invocations wait' });
  }

  environments(): readonly { functionName: string; pid: number; busy: boolean }[] {
    return [...this.#live].flatMap((environment) => {
      const { pid, model } = environment;
      return pid === undefined ? [] : [{ functionName: model.name, pid, busy: !this.#idle.has(environment) }];
    });
  }

  /** To be called when an environment's process is gone. */
  forget(environment: ExecutionEnvironment): void {
    this.#live.delete(environment);
    this.#idle.delete(environment);
    this.#processes.delete(environment);
    this.#runWaiting();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#standstills.values()) clearTimeout(timer);
    this.#standstills.clear();
    for (const job of this.#waiting.splice(0)) job.done(CLOSED);
    await Promise.all([...this.#processes].map((environment) => environment.end()));
  }

  #wait(job: Job): void {
    this.#waiting.push(job);
    if (!this.#standstills.has(job.model)) this.#watch(job.model);
  }

  #watch(model: FunctionModel): void {
    const timer = setTimeout(() => this.#endStandstill(model), this.#limits.standstillMs);
    this.#standstills.set(model, timer.unref());
  }

  /** One more environment at a time, and none while another one is loading: that is no standstill. */
  #endStandstill(model: FunctionModel): void {
    this.#standstills.delete(model);
    const [job, next] = this.#waiting.filter((waiting) => waiting.model === model);
    if (job === undefined) return;
    const canStart = !this.#of(model).some(({ isStarting }) => isStarting);
    const runs = canStart && this.#hasRoom(model, this.#limits.concurrencyPerFunction);
    if (!runs || next !== undefined) this.#watch(model);
    if (!runs) return;
    this.#waiting.splice(this.#waiting.indexOf(job), 1);
    void this.#run(job);
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

  /** The one used last, so that what a peak has started may end. */
  #findIdle(model: FunctionModel): ExecutionEnvironment | undefined {
    return [...this.#idle].findLast((environment) => environment.model === model);
  }

  async #run(job: Job): Promise<void> {
    this.#standstills.get(job.model)?.refresh();
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
