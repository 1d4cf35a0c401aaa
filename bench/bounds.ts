/** The bounds of the benchmarks' processes. Each has a row in docs/limits.md. */
export const BENCH_BOUNDS = {
  /** Time in ms for one worker process. Past it, the worker is killed and the bench fails. */
  WORKER_MS: 300_000,
  /** Time in ms for the start of the local runtime, up to its line `ready`. Past it the bench fails. */
  RUNTIME_START_MS: 30_000,
  /** Time in ms for the end of the local runtime after SIGTERM. Past it, the runtime is killed. */
  RUNTIME_STOP_MS: 5_000,
  /** Handshakes that one process of clients has in flight. */
  CONNECTING: 64,
  /** Latencies that one process of clients keeps between two reports. Later ones are counted and not kept. */
  LATENCIES: 2_097_152,
  /** Time in ms to wait for expected deliveries. Past it the bench fails. */
  DELIVERY_MS: 60_000,
  /** Characters of a child process's output that are kept for an error message. */
  OUTPUT: 4_096,
} as const;
