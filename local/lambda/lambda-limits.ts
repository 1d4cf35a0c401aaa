/** The bounds of the local Lambda service: AWS's own where AWS states one. */
export interface LambdaLimits {
  /**
   * Maximum number of execution environments of one function.
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
   * Maximum number of execution environments of all functions: each is a process on a developer's machine.
   * @limit operator
   */
  readonly concurrencyTotal: number;
  /**
   * Invocations that wait for an environment. Past it the service throttles with 429.
   * @limit operator
   */
  readonly queueLength: number;
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
   * Sockets of the Invoke API. Past it a new socket is dropped. More than the invocations that may run and wait, so
   * that every caller gets an answer.
   */
  readonly invokeSockets: number;
  /** Length of one line of a function's output. A longer line is cut into several. */
  readonly lineBytes: number;
  /** Time in ms between SIGTERM and SIGKILL when the pool closes. */
  readonly terminationGraceMs: number;
}

/** The bounds unless the options set others. */
export const DEFAULT_LAMBDA_LIMITS: LambdaLimits = {
  concurrencyPerFunction: 10,
  promptPerFunction: 4,
  standstillMs: 50,
  longestWaitMs: 2_000,
  concurrencyTotal: 60,
  queueLength: 1_000,
  initMs: 10_000,
  idleSeconds: 60,
  requestBytes: 6_291_456,
  /** Lambda allows 100 bytes more for the response than for the request. */
  responseBytes: 6_291_556,
  invokeSockets: 2_048,
  lineBytes: 262_144,
  terminationGraceMs: 500,
};
