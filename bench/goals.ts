/** The goal of a ratio. */
export interface Goal {
  readonly bench: string;
  readonly key: string;
  readonly bound: 'at most' | 'at least';
  readonly value: number;
  /** The ratio in words. */
  readonly means: string;
}

/** The goals, in the order of the table. A missed goal is shown as not reached. */
export const GOALS: readonly Goal[] = [
  {
    bench: 'post',
    key: 'cpu_vs_floor',
    bound: 'at most',
    value: 2,
    means: 'CPU of one signed post over an unsigned one',
  },
  {
    bench: 'post',
    key: 'throughput_vs_sdk_default',
    bound: 'at least',
    value: 10,
    means: 'posts a second over those of the official client',
  },
  {
    bench: 'call',
    key: 'update_cpu_vs_bare',
    bound: 'at most',
    value: 1.5,
    means: 'CPU of one UpdateItem by our DynamoDB client over a bare signed exchange',
  },
  {
    bench: 'call',
    key: 'query_cpu_vs_bare',
    bound: 'at most',
    value: 1.5,
    means: 'CPU of one Query of 1,000 items by our DynamoDB client over a bare signed exchange',
  },
  {
    bench: 'tutorial',
    key: 'last_delivery_vs_tutorial',
    bound: 'at least',
    value: 20,
    means: "the classic design's time from one publish to the last of 1,000 deliveries, over ours",
  },
  {
    bench: 'tutorial',
    key: 'deliveries_vs_tutorial',
    bound: 'at least',
    value: 20,
    means: 'messages delivered a second at saturation, over the classic design',
  },
  {
    bench: 'fanout',
    key: 'cpu_per_delivery_10000_vs_100',
    bound: 'at most',
    value: 1.2,
    means: 'CPU of a delivery to one of 10,000 subscribers over one of 100',
  },
  {
    bench: 'fanout',
    key: 'e2e_p50_vs_bare',
    bound: 'at most',
    value: 1.5,
    means: 'latency over the same steps in one plain process',
  },
  {
    bench: 'fanout',
    key: 'e2e_deliveries_vs_bare',
    bound: 'at least',
    value: 0.8,
    means: 'deliveries a second over the same steps in one plain process',
  },
  {
    bench: 'batch',
    key: 'deliveries_vs_socketio',
    bound: 'at least',
    value: 1,
    means: 'messages delivered a second to 1,000 clients, stored and ordered, over socket.io',
  },
  {
    bench: 'batch',
    key: 'latency_p50_idle_vs_single',
    bound: 'at most',
    value: 1.05,
    means: 'latency at low load with `batch` over without',
  },
  { bench: 'publish', key: 'dynamodb_calls', bound: 'at most', value: 1, means: 'DynamoDB calls of one publish' },
  {
    bench: 'coldstart',
    key: 'init_vs_empty_handler',
    bound: 'at most',
    value: 3,
    means: 'a fresh process with the slowest route over one with an empty handler',
  },
  {
    bench: 'slow',
    key: 'p99_with_5pct_stuck_vs_without',
    bound: 'at most',
    value: 1.2,
    means: 'p99 of the others when 5 % of the connections are stuck',
  },
  {
    bench: 'counters',
    key: 'posts_per_subscriber_per_s',
    bound: 'at most',
    value: 20,
    means: 'posts a second to each subscriber at 1,000 increments a second',
  },
  {
    bench: 'http',
    key: 'long_polls_vs_websockets',
    bound: 'at most',
    value: 1.5,
    means: "time until 200 long polls of one topic have a message over 200 WebSockets'",
  },
  {
    bench: 'http',
    key: 'idle_reads_vs_bound',
    bound: 'at most',
    value: 1,
    means: 'DynamoDB calls of 200 idle long polls of one topic over a hundred a second and one a request',
  },
  {
    bench: 'overload',
    key: 'acks_at_overload_vs_best',
    bound: 'at least',
    value: 0.8,
    means: 'acks a second while 4 times the best throughput is offered, over the best',
  },
  {
    bench: 'overload',
    key: 'recovery_seconds',
    bound: 'at most',
    value: 10,
    means: 'seconds from the end of that load until p99 is back',
  },
  {
    bench: 'memory',
    key: 'gateway_kb_per_connection',
    bound: 'at most',
    value: 12,
    means: "the gateway's resident KB for each of 10,000 idle connections",
  },
];

/** Returns whether a median reaches its goal. NaN reaches none. */
export const isReached = ({ bound, value }: Goal, median: number): boolean =>
  bound === 'at most' ? median <= value : median >= value;
