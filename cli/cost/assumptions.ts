import { STORE_BOUNDS } from '../../shared/store/bounds.ts';
import { WORKER_CONCURRENCY } from '../../shared/fanout/shards/deliver-by-workers.ts';
import { POST_CONCURRENCY } from '../../shared/post/post.ts';

/**
 * What the cost meter takes for granted: sizes counted from our own records and frames, times measured or assumed. Each
 * is said in ASSUMED below, which is printed with every bill.
 */
export const ASSUMPTIONS = {
  /** AWS's own calculator counts so. */
  HOURS_PER_MONTH: 730,
  /** The client opens its next connection at 79 to 96 % of two hours. */
  SESSION_SECONDS: 6_300,
  /** The client pings after 80 % of ten quiet minutes. */
  PING_SECONDS: 480,
  /** Two by default, and one of the application's. */
  SUBSCRIPTIONS_PER_CONNECTION: 3,
  /** Quarter of a second: Lambda's base rate of polling a stream. */
  GATHER_SECONDS: 0.25,
  /** Envelope of a message on the wire. */
  ENVELOPE_BYTES: 160,
  /** An ack, a pong or a ping. */
  SMALL_FRAME_BYTES: 120,
  /** What a topic's head has beside its message; an archived message is smaller. */
  HEAD_BYTES: 250,
  /** A subscription as the index holds it. */
  INDEX_ITEM_BYTES: 100,
  /** A connection's own records, all together. */
  CONNECTION_RECORDS_BYTES: 1_200,
  /** The stack's default. */
  RETENTION_HOURS: 24,
  /** What Lambda writes of one invocation, and our metrics line. */
  LOG_BYTES_PER_INVOCATION: 750,
  /** One line of API Gateway's access log. */
  LOG_BYTES_PER_FRAME: 350,
  /** X-Ray's default rule: one a second, and of the others so many. */
  TRACED_SHARE: 0.05,
  TRACED_PER_SECOND: 1,
  /** A warm route: one write to DynamoDB and under 1 ms of our own. */
  ROUTE_MS: 12,
  /** A warm invocation that fans out, before its first post: archive, first page of subscribers. */
  FANOUT_BASE_MS: 25,
  /** One page of the index for so many subscribers. */
  QUERY_MS_PER_1000: 10,
  /** One post, there and back, within a region. */
  POST_ROUND_TRIP_MS: 10,
  /** Our own CPU per post, twice what is measured without TLS: no more posts than this allows leave one Lambda. */
  POST_CPU_MS: 0.02,
  /** One subscription, or one ping, caught up. */
  CATCH_UP_MS: 30,
  /** Subscribers of one shard; a topic of more is delivered by one worker per shard. */
  SHARD_SUBSCRIBERS: STORE_BOUNDS.SHARD_SUBSCRIPTIONS,
  /** Workers of one topic at once. */
  WORKERS: WORKER_CONCURRENCY,
} as const;

/** The template's own figures; a test holds them to what it synthesizes. */
export const TEMPLATE = {
  ROUTE_MB: 512,
  FANOUT_MB: 1_769,
  /** A metric that is computed of several counts as so many. */
  ALARM_METRICS: 59,
  /** Our own, and those that the event source mappings write. */
  CUSTOM_METRICS: 47,
  DASHBOARDS: 1,
  /** Frames from clients a second: the stage's throttle. */
  STAGE_FRAMES_PER_SECOND: 5_000,
} as const;

/** Time that one post takes of a Lambda that has as many under way as it may. */
export const POST_MS = Math.max(ASSUMPTIONS.POST_CPU_MS, ASSUMPTIONS.POST_ROUND_TRIP_MS / POST_CONCURRENCY);

/** In words, for those who read a bill. */
export const ASSUMED: readonly string[] = [
  `A month has ${ASSUMPTIONS.HOURS_PER_MONTH} hours. Free tiers, discounts and taxes are left out.`,
  'API Gateway meters every frame both ways in 32 KB units: publishes, acks, pings and pongs too; connects are not messages.',
  `A connection lives ${ASSUMPTIONS.SESSION_SECONDS} s (the client renews before API Gateway's two hours), with ${ASSUMPTIONS.SUBSCRIPTIONS_PER_CONNECTION} subscriptions, and pings after ${ASSUMPTIONS.PING_SECONDS} quiet seconds. Deliveries fall on all connections alike.`,
  `--batch alone: as many messages as reach one connection within ${ASSUMPTIONS.GATHER_SECONDS * 1_000} ms, which is one at low rates.`,
  `Lambda, warm, ARM: a route ${ASSUMPTIONS.ROUTE_MS} ms at ${TEMPLATE.ROUTE_MB} MB (assumed; own CPU under 1 ms, measured); fan-out ${ASSUMPTIONS.FANOUT_BASE_MS} ms, ${ASSUMPTIONS.QUERY_MS_PER_1000} ms per 1,000 subscribers listed and ${POST_MS.toFixed(2)} ms per post at ${TEMPLATE.FANOUT_MB} MB (${ASSUMPTIONS.POST_ROUND_TRIP_MS} ms there and back assumed, ${POST_CONCURRENCY} under way; ${ASSUMPTIONS.POST_CPU_MS * 1_000} µs of CPU, twice what is measured without TLS).`,
  `More than ${ASSUMPTIONS.SHARD_SUBSCRIBERS.toLocaleString('en-US')} subscribers: shards of at most so many, a worker for each, ${ASSUMPTIONS.WORKERS} at once, while the broadcast waits and is billed.`,
  'DynamoDB on demand: each publish writes the head and the archive (1 KB units); a connection writes and deletes 4 records and 3 of the index; reading the stream is free.',
  `Messages are kept ${ASSUMPTIONS.RETENTION_HOURS} hours, with point-in-time recovery. S3 holds failures only: nothing to speak of.`,
  'Nothing fails and nothing is tried again; cold starts and the first minute of an empty cache are left out.',
];
