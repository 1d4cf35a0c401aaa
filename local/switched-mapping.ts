import type { EventSourceMappingModel, Invoke, QueueMappingModel } from './model.ts';

/** The state of an event source mapping, in Lambda's words. */
export type MappingStateName = 'Enabled' | 'Disabled' | 'Enabling' | 'Disabling' | 'Updating';

/** An event source mapping as Lambda's API shows and changes it. */
export interface MappingControl {
  readonly model: EventSourceMappingModel | QueueMappingModel;
  readonly state: MappingStateName;
  /** The time in epoch ms of the start or of the last change. */
  readonly lastModifiedMs: number;
  /** The result of the last batch, in Lambda's words. */
  readonly lastResult: string;
  /** Begins to change settings. Returns false while another change is under way. */
  readonly change: (changes: MappingChanges) => boolean;
}

/** The settings of a mapping that may change while the runtime runs. Those that its kind has not are ignored. */
export type MappingChanges = Partial<
  Pick<
    EventSourceMappingModel,
    | 'enabled'
    | 'batchSize'
    | 'maximumBatchingWindowSeconds'
    | 'parallelizationFactor'
    | 'maximumRetryAttempts'
    | 'maximumRecordAgeSeconds'
    | 'bisectBatchOnFunctionError'
  >
>;

/** A running event source mapping, or what stands for one that is disabled. */
interface Stoppable {
  /** Stops reading, and waits for invocations in flight, at most for `waitMs`. */
  readonly stop: (waitMs?: number) => Promise<void>;
}

/** The options of a mapping that can be switched. */
export interface SwitchedMappingOptions<Model> {
  /** The mapping as the template has it. */
  readonly model: Model;
  /** Time in ms that a change waits for invocations in flight. */
  readonly waitMs: number;
}

/** The dependencies of a mapping that can be switched. */
export interface SwitchedMappingDeps<Model, Running> {
  readonly invoke: Invoke;
  readonly now: () => number;
  /** Starts a mapping at the place that it had when it was stopped. Returns one that does nothing if it is disabled. */
  readonly start: (model: Model, invoke: Invoke) => Running;
}

/** The result of the last batch, in Lambda's words. */
const RESULTS = { none: 'No records processed', good: 'OK', bad: 'PROBLEM: Function call failed' } as const;

/**
 * An event source mapping whose settings change while the runtime runs. A change stops it, and starts it again at the
 * place in its source up to which everything is done.
 */
export class SwitchedMapping<Model extends { readonly enabled: boolean }, Running extends Stoppable> {
  readonly #options: SwitchedMappingOptions<Model>;
  readonly #deps: SwitchedMappingDeps<Model, Running>;
  #model: Model;
  #running: Running;
  #lastModifiedMs: number;
  #lastResult: string = RESULTS.none;
  #change: { readonly state: MappingStateName; readonly done: Promise<void> } | undefined;
  #isStopped = false;

  constructor(options: SwitchedMappingOptions<Model>, deps: SwitchedMappingDeps<Model, Running>) {
    this.#options = options;
    this.#deps = deps;
    this.#model = options.model;
    this.#lastModifiedMs = deps.now();
    this.#running = deps.start(options.model, this.#invoke);
  }

  /** The mapping with its present settings. */
  get model(): Model {
    return this.#model;
  }

  get running(): Running {
    return this.#running;
  }

  get state(): MappingStateName {
    return this.#change?.state ?? (this.#model.enabled ? 'Enabled' : 'Disabled');
  }

  get lastModifiedMs(): number {
    return this.#lastModifiedMs;
  }

  get lastResult(): string {
    return this.#lastResult;
  }

  /** Begins to change settings. Returns false while another change is under way. */
  change(changes: Partial<Model>): boolean {
    if (this.#change !== undefined || this.#isStopped) return false;
    const model = { ...this.#model, ...changes };
    const state = model.enabled === this.#model.enabled ? 'Updating' : model.enabled ? 'Enabling' : 'Disabling';
    this.#model = model;
    this.#lastModifiedMs = this.#deps.now();
    this.#change = { state, done: this.#restart() };
    return true;
  }

  /** Stops for good, also in the middle of a change. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running.stop();
    await this.#change?.done;
  }

  async #restart(): Promise<void> {
    await this.#running.stop(this.#options.waitMs);
    if (!this.#isStopped) this.#running = this.#deps.start(this.#model, this.#invoke);
    this.#change = undefined;
  }

  readonly #invoke: Invoke = async (...call) => {
    const result = await this.#deps.invoke(...call);
    this.#lastResult = result.outcome === 'success' ? RESULTS.good : RESULTS.bad;
    return result;
  };
}
