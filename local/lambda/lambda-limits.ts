/** Bounds of the local Lambda service; AWS's own where AWS states one. */
export interface LambdaLimits {
  /** Execution environments of one function at once. */
  readonly concurrencyPerFunction: number;
  /**
   * As many of them start as soon as an invocation needs one; each further one only when those that there are stood still
   * for `standstillMs`: on few cores a warm one that is free in a moment is there sooner than a new process.
   */
  readonly promptPerFunction: number;
  /** Time in which no waiting invocation of a function could begin. */
  readonly standstillMs: number;
  /** An invocation that has waited for so long may start another one whatever the others do. */
  readonly longestWaitMs: number;
  /** Execution environments of all functions at once: each is a process on a developer's machine. */
  readonly concurrencyTotal: number;
  /** Invocations that wait for an environment; past it the service throttles. */
  readonly queueLength: number;
  /** Time the code outside of the handler may take. */
  readonly initMs: number;
  /** An environment that was idle for so long ends. AWS waits minutes; here it frees a developer's memory. */
  readonly idleSeconds: number;
  /** Event of a synchronous invocation, as JSON. */
  readonly requestBytes: number;
  /** Result of a synchronous invocation, as JSON. */
  readonly responseBytes: number;
  /** Sockets of the Invoke API; past it a new one is dropped. More than may run and wait, so that all can be told. */
  readonly invokeSockets: number;
  /** One line of a function's output; a longer one is cut into several. */
  readonly lineBytes: number;
  /** Between SIGTERM and SIGKILL when the pool closes. */
  readonly terminationGraceMs: number;
}

/** The bounds unless the composer says otherwise. */
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
  /** Lambda allows the response 100 bytes more than the request. */
  responseBytes: 6_291_556,
  invokeSockets: 2_048,
  lineBytes: 262_144,
  terminationGraceMs: 500,
};
