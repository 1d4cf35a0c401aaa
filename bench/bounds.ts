/** Bounds of the benchmarks' processes. Each stands in docs/limits.md too. */
export const BENCH_BOUNDS = {
  /** Life of one worker process; past it, it is killed and the bench fails. */
  WORKER_MS: 300_000,
  /** Start of the local runtime, up to its line `ready`. */
  RUNTIME_START_MS: 30_000,
  /** End of the local runtime after SIGTERM; then it is killed. */
  RUNTIME_STOP_MS: 5_000,
  /** Handshakes that one process of clients has under way at once. */
  CONNECTING: 64,
  /** Latencies that one process of clients keeps between two reports; later ones are counted and not kept. */
  LATENCIES: 2_097_152,
  /** Wait for deliveries that must come; past it the bench fails. */
  DELIVERY_MS: 60_000,
  /** Output of a child process that is kept for the message of its failure, in characters. */
  OUTPUT: 4_096,
} as const;
