import { availableParallelism } from 'node:os';

/** The bounds of the local Lambda service: AWS's own where AWS states one. */
export interface LambdaLimits {
  /**
   * Maximum number of execution environments of one function, and at most 5 for each processor core.
   * @limit operator
   */
  readonly concurrencyPerFunction: number;
  /**
   * Environments of one function that are started immediately when an invocation needs one. Each further one is started
   * only after the existing ones stood still for `standstillMs`: on few cores a warm environment becomes free sooner
   * than a new process starts.
   */
  readonly promptPerFunction: number;
  /**
   * Time in ms without a waiting invocation of a function being started, after which one more environment is started.
   */
  readonly standstillMs: number;
  /** Time in ms after which a waiting invocation may start another environment in any case. */
  readonly longestWaitMs: number;
  /**
   * Maximum number of execution environments of all functions, and at most 10 for each processor core and 40 more: each
   * is a process on a developer's machine.
   * @limit operator
   */
  readonly concurrencyTotal: number;
  /**
   * Invocations of one function that wait for an environment. Past it the service throttles with 429: the new
   * invocation, or one of the source with the most waiting invocations.
   * @limit operator
   */
  readonly queueLength: number;
  /**
   * Time in ms after which a waiting invocation is throttled with 429 if more than `backlogPerSource` invocations of
   * its source wait, so that a backlog is gone soon after its load.
   * @limit operator
   */
  readonly backlogMs: number;
  /**
   * Invocations of one function that one connection may have waiting for longer than `backlogMs`: a burst is served,
   * however slow the machine is.
   * @limit operator
   */
  readonly backlogPerSource: number;
  /**
   * Time in ms for the code outside of the handler. Past it the environment is initialized again.
   * @limit operator
   */
  readonly initMs: number;
  /**
   * Time in seconds after which an idle environment ends. AWS waits for minutes; a shorter time frees a developer's
   * memory.
   */
  readonly idleSeconds: number;
  /**
   * Size of the event of a synchronous invocation in bytes of JSON. Past it 413.
   * @limit operator
   */
  readonly requestBytes: number;
  /**
   * Size of the result of a synchronous invocation in bytes of JSON. Past it the function fails.
   * @limit operator
   */
  readonly responseBytes: number;
  /**
   * Size of an asynchronous event in bytes of JSON. Past it 413.
   * @limit operator
   */
  readonly eventBytes: number;
  /**
   * Asynchronous events that run or wait for a retry. Past it 429.
   * @limit operator
   */
  readonly waitingEvents: number;
  /** Time in ms before the first retry of an asynchronous event; twice that before the second. AWS waits 60,000. */
  readonly eventRetryMs: number;
  /**
   * Sockets of the Invoke API. Past it a new socket is dropped. More than the invocations that may run and wait, so
   * that every caller gets an answer.
   */
  readonly invokeSockets: number;
  /** Length of one line of a function's output. A longer line is cut into several. */
  readonly lineBytes: number;
  /** Time in ms between SIGTERM and SIGKILL when the pool closes. */
  readonly terminationGraceMs: number;
}

/** The bounds on a machine with many cores, unless the options set others. See `lambdaLimits`. */
const DEFAULT_LAMBDA_LIMITS: LambdaLimits = {
  concurrencyPerFunction: 10,
  promptPerFunction: 4,
  standstillMs: 50,
  longestWaitMs: 2_000,
  concurrencyTotal: 60,
  queueLength: 1_000,
  backlogMs: 3_000,
  backlogPerSource: 50,
  initMs: 10_000,
  idleSeconds: 60,
  requestBytes: 6_291_456,
  /** Lambda allows 100 bytes more for the response than for the request. */
  responseBytes: 6_291_556,
  eventBytes: 1_048_576,
  waitingEvents: 10_000,
  eventRetryMs: 1_000,
  invokeSockets: 2_048,
  lineBytes: 262_144,
  terminationGraceMs: 500,
};

/** Environments of all functions for each processor core, past the base. */
const ENVIRONMENTS_PER_CORE = 10;
/**
 * Environments of all functions on any machine. Most of them are frozen and take memory only; with too few, functions
 * end each other's environments, and every invocation is a cold start.
 */
const ENVIRONMENTS_BASE = 40;
/** Environments of one function for each processor core. They mostly wait for the engine. */
const ENVIRONMENTS_PER_FUNCTION_AND_CORE = 5;

/** Returns the bounds for a machine with this number of processor cores, where the options do not set others. */
export function lambdaLimits(options: Partial<LambdaLimits> = {}, cores = availableParallelism()): LambdaLimits {
  const { concurrencyPerFunction, concurrencyTotal, promptPerFunction } = DEFAULT_LAMBDA_LIMITS;
  return {
    ...DEFAULT_LAMBDA_LIMITS,
    concurrencyPerFunction: Math.min(concurrencyPerFunction, ENVIRONMENTS_PER_FUNCTION_AND_CORE * cores),
    concurrencyTotal: Math.min(concurrencyTotal, ENVIRONMENTS_BASE + ENVIRONMENTS_PER_CORE * cores),
    promptPerFunction: Math.min(promptPerFunction, 2 * cores),
    ...options,
  };
}
