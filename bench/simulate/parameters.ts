import { STORE_BOUNDS } from '../../shared/store/bounds.ts';
import { DELIVERY_MS } from '../../shared/fanout/deliver/post-all.ts';
import { WORKERS_MS, WORKER_CONCURRENCY } from '../../shared/fanout/shards/deliver-by-workers.ts';
import { POST_CONCURRENCY } from '../../shared/post/post.ts';

/**
 * What the simulation goes by. From what is measured: CPU of a post, and what an invocation costs us. AWS's own figures: quotas and the
 * poll. Assumed, and said so in docs/scaling.md: times of AWS's answers.
 */
export const DEFAULTS = {
  /** Own CPU of one post: twice what the bench `post` measures, which has no TLS. */
  cpuPerPostMicroseconds: 20,
  /** A post there and back within a region. Assumed. */
  postRoundTripMs: 10,
  /** Spread of it: most answers are between this share less and twice as much more. Assumed. */
  postJitter: 0.3,
  postsInFlight: POST_CONCURRENCY,
  /** Time of one invocation for all its posts, or in which it hands shards to workers. */
  deliveryMs: DELIVERY_MS,
  workersMs: WORKERS_MS,
  /** Half of the quarter of a second between two polls of a quiet stream. */
  pickupMs: 125,
  /** Archive and the rest of an invocation before its first post. Assumed. */
  invocationMs: 15,
  /** One Lambda that calls another, warm. Assumed. */
  invokeMs: 15,
  /** The index for 1,000 subscribers. Assumed; 3 to 5 ms of it measured on a local engine. */
  queryMsPer1000: 10,
  /** A subscription in the index. */
  indexItemBytes: 100,
  shardSubscribers: STORE_BOUNDS.SHARD_SUBSCRIPTIONS,
  maxShards: STORE_BOUNDS.MAX_SHARDS,
  /** Workers of one topic at once. */
  workers: WORKER_CONCURRENCY,
  /** Of an account, all functions together: AWS's default. */
  lambdaConcurrency: 1_000,
  /** API Gateway's burst, as a share of the requests a second: 5,000 of 10,000. */
  burstShare: 0.5,
  /** Of one key of an index, or one item: AWS's limit. */
  readUnitsPerSecond: 3_000,
  writeUnitsPerSecond: 1_000,
  /** What a table that is new takes at once, on demand: AWS's default; it doubles as it is used. */
  tableWriteUnitsPerSecond: 4_000,
  /** Records that one invocation gets at most. */
  batchRecords: 100,
  /** Data of one message, and its envelope. */
  messageBytes: 200,
  envelopeBytes: 160,
  /** The frame that API Gateway takes as one. */
  frameBytes: 32_768,
  /** What a delivery should take at most, for what to raise. */
  targetMs: 1_000,
  /** Of the jitter. */
  seed: 1,
} as const;

export type Parameters = { readonly [Name in keyof typeof DEFAULTS]: number };

/** Reads `{"parameters": {"cpuPerPostMicroseconds": 21}}` over the defaults. Throws on a name or a value that makes no sense. */
export function readParameters(json: string): Parameters {
  const decoded: unknown = JSON.parse(json);
  const given = isRecord(decoded) ? decoded['parameters'] : undefined;
  if (!isRecord(given)) throw new Error('The file has no "parameters".');
  const numbers = Object.entries(given).map(([name, value]) => {
    if (!(name in DEFAULTS)) throw new Error(`There is no parameter ${name}.`);
    if (typeof value !== 'number' || !(value > 0)) throw new Error(`${name} is no number above 0.`);
    return [name, value] as const;
  });
  return { ...DEFAULTS, ...Object.fromEntries(numbers) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
