import { STORE_BOUNDS } from '../../shared/store/bounds.ts';
import { WORKER_CONCURRENCY } from '../../shared/fanout/shards/deliver-by-workers.ts';
import { POST_CONCURRENCY } from '../../shared/post/post.ts';

/**
 * The assumptions of the cost meter: sizes counted from this project's records and frames, times measured or assumed.
 * ASSUMED below puts each in words, and is printed with every bill.
 */
export const ASSUMPTIONS = {
  /** Hours of a month, as AWS's calculator counts them. */
  HOURS_PER_MONTH: 730,
  /** Life of a connection in seconds: the client opens its next one at 79 to 96 % of two hours. */
  SESSION_SECONDS: 6_300,
  /** Quiet seconds after which the client pings: 80 % of ten minutes. */
  PING_SECONDS: 480,
  /** Subscriptions of a connection: two by default, and one of the application. */
  SUBSCRIPTIONS_PER_CONNECTION: 3,
  /** Seconds in which messages gather into a batch: Lambda polls a stream four times a second. */
  GATHER_SECONDS: 0.25,
  /** Bytes of a message's envelope on the wire. */
  ENVELOPE_BYTES: 160,
  /** Bytes of an ack, a pong or a ping. */
  SMALL_FRAME_BYTES: 120,
  /** Bytes of a topic's head beside its message. An archived message has fewer. */
  HEAD_BYTES: 250,
  /** Bytes of a subscription in the index. */
  INDEX_ITEM_BYTES: 100,
  /** Bytes of all records of a connection. */
  CONNECTION_RECORDS_BYTES: 1_200,
  /** Hours for which the archive keeps a message, unless the load says: the stack's default. */
  RETENTION_HOURS: 24,
  /** Bytes that one invocation logs: Lambda's own lines, and our metrics line. */
  LOG_BYTES_PER_INVOCATION: 750,
  /** Bytes of one line of API Gateway's access log. */
  LOG_BYTES_PER_FRAME: 350,
  /** Share of the invocations past TRACED_PER_SECOND that X-Ray's default rule traces. */
  TRACED_SHARE: 0.05,
  /** Invocations a second that X-Ray's default rule always traces. */
  TRACED_PER_SECOND: 1,
  /** Duration in ms of a warm route: one write to DynamoDB, and under 1 ms of our own. */
  ROUTE_MS: 12,
  /** Duration in ms of a warm fan-out before its first post: the archive, and the first page of subscribers. */
  FANOUT_BASE_MS: 25,
  /** Duration in ms of listing 1,000 subscribers: one page of the index. */
  QUERY_MS_PER_1000: 10,
  /** Round trip in ms of one post within a region. */
  POST_ROUND_TRIP_MS: 10,
  /** CPU in ms of one post, twice the value measured without TLS. This CPU bounds the posts of one Lambda. */
  POST_CPU_MS: 0.02,
  /** Duration in ms of the catch-up of one subscription or one ping. */
  CATCH_UP_MS: 30,
  /** Subscribers of one shard. A topic with more is delivered by one worker for each shard. */
  SHARD_SUBSCRIBERS: STORE_BOUNDS.SHARD_SUBSCRIPTIONS,
  /** Concurrent workers of one topic. */
  WORKERS: WORKER_CONCURRENCY,
} as const;

/** The figures of the template. A test compares them with what it synthesizes. */
export const TEMPLATE = {
  /** Memory in MB of a route. */
  ROUTE_MB: 512,
  /** Memory in MB of the Lambdas that fan out. */
  FANOUT_MB: 1_769,
  /** Metrics in alarms. A metric computed from several counts as several. */
  ALARM_METRICS: 59,
  /** Custom metrics: this project's, and those of the event source mappings. */
  CUSTOM_METRICS: 47,
  /** Dashboards of the stack. */
  DASHBOARDS: 1,
  /** The rates of the routes that a load uses, in frames a second by route key: shares of `framesPerSecond`. */
  ROUTE_RATES: { $connect: 500, publish: 1_000, ping: 500 },
} as const;

/** The time in ms that one post takes of a Lambda with the most posts in flight. */
export const POST_MS = Math.max(ASSUMPTIONS.POST_CPU_MS, ASSUMPTIONS.POST_ROUND_TRIP_MS / POST_CONCURRENCY);

/** The assumptions in words, for the reader of a bill. */
export const ASSUMED: readonly string[] = [
  `A month has ${ASSUMPTIONS.HOURS_PER_MONTH} hours. Free tiers, discounts and taxes are left out.`,
  'API Gateway meters every frame both ways in 32 KB units: publishes, acks, pings and pongs too; connects are not messages.',
  `A connection lives ${ASSUMPTIONS.SESSION_SECONDS} s (the client renews before API Gateway's two hours), with ${ASSUMPTIONS.SUBSCRIPTIONS_PER_CONNECTION} subscriptions, and pings after ${ASSUMPTIONS.PING_SECONDS} quiet seconds. Deliveries fall on all connections alike.`,
  `--batch alone: as many messages as reach one connection within ${ASSUMPTIONS.GATHER_SECONDS * 1_000} ms, which is one at low rates.`,
  `Lambda, warm, ARM: a route ${ASSUMPTIONS.ROUTE_MS} ms at ${TEMPLATE.ROUTE_MB} MB (assumed; own CPU under 1 ms, measured); fan-out ${ASSUMPTIONS.FANOUT_BASE_MS} ms, ${ASSUMPTIONS.QUERY_MS_PER_1000} ms per 1,000 subscribers listed and ${POST_MS.toFixed(2)} ms per post at ${TEMPLATE.FANOUT_MB} MB (round trip of ${ASSUMPTIONS.POST_ROUND_TRIP_MS} ms assumed, ${POST_CONCURRENCY} in flight; ${ASSUMPTIONS.POST_CPU_MS * 1_000} µs of CPU, twice the value measured without TLS).`,
  `More than ${ASSUMPTIONS.SHARD_SUBSCRIBERS.toLocaleString('en-US')} subscribers: shards of at most this size, a worker for each, ${ASSUMPTIONS.WORKERS} at once, while the broadcast waits and is billed.`,
  'DynamoDB on demand: each publish writes the head and the archive (1 KB units); a connection writes and deletes 4 records and 3 of the index; reading the stream is free.',
  `Messages are kept ${ASSUMPTIONS.RETENTION_HOURS} hours unless --retention says, with point-in-time recovery. S3 holds failures only, at a negligible cost.`,
  'Nothing fails and nothing is retried; cold starts and the first minute of an empty cache are left out.',
];
