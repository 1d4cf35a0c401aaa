import { STORE_BOUNDS } from '../../shared/store/bounds.ts';
import { DELIVERY_MS } from '../../shared/fanout/deliver/post-all.ts';
import { WORKERS_MS, WORKER_CONCURRENCY } from '../../shared/fanout/shards/deliver-by-workers.ts';
import { POST_CONCURRENCY } from '../../shared/post/post.ts';

/**
 * The default parameters of the simulation. CPU per post and cost of an invocation are measured. Quotas and poll
 * interval are AWS's own. Answer times of AWS are assumed, as docs/scaling.md says.
 */
export const DEFAULTS = {
  /** CPU time of one post in microseconds: twice what the bench `post` measures, which has no TLS. */
  cpuPerPostMicroseconds: 20,
  /** Round trip of a post within a region in ms. Assumed. */
  postRoundTripMs: 10,
  /** Spread of the round trip: most answers take between this share less and twice this share more. Assumed. */
  postJitter: 0.3,
  postsInFlight: POST_CONCURRENCY,
  /** Time of one invocation in ms for all its posts, or for passing shards to workers. */
  deliveryMs: DELIVERY_MS,
  workersMs: WORKERS_MS,
  /** Delay of the poll in ms: half of the 250 ms between two polls of a quiet stream. */
  pickupMs: 125,
  /** Time in ms of an invocation before its first post, the archive included. Assumed. */
  invocationMs: 15,
  /** Time in ms for one Lambda to invoke another warm one. Assumed. */
  invokeMs: 15,
  /** Time in ms to query the index for 1,000 subscribers. Assumed; a local engine takes 3 to 5 ms. */
  queryMsPer1000: 10,
  /** Bytes of a subscription in the index. */
  indexItemBytes: 100,
  shardSubscribers: STORE_BOUNDS.SHARD_SUBSCRIPTIONS,
  maxShards: STORE_BOUNDS.MAX_SHARDS,
  /** Concurrent workers of one topic. */
  workers: WORKER_CONCURRENCY,
  /** Concurrent executions of an account, all functions together: AWS's default. */
  lambdaConcurrency: 1_000,
  /** API Gateway's burst as a share of the requests a second: 5,000 of 10,000. */
  burstShare: 0.5,
  /** Read units a second of one key of an index, or of one item: AWS's limit. */
  readUnitsPerSecond: 3_000,
  /** Write units a second of one key of an index, or of one item: AWS's limit. */
  writeUnitsPerSecond: 1_000,
  /** Write units a second of a new on-demand table: AWS's default, which doubles with use. */
  tableWriteUnitsPerSecond: 4_000,
  /** Maximum number of records in one invocation. */
  batchRecords: 100,
  /** Bytes of one message's data. */
  messageBytes: 200,
  /** Bytes of one message's envelope. */
  envelopeBytes: 160,
  /** Bytes of the largest frame of API Gateway. */
  frameBytes: 32_768,
  /** LoadTarget time in ms of the last delivery, from which the needed quotas follow. */
  targetMs: 1_000,
  /** Seed of the jitter. */
  seed: 1,
} as const;

/** The parameters of the simulation. */
export type Parameters = { readonly [Name in keyof typeof DEFAULTS]: number };

/**
 * Reads `{"parameters": {"cpuPerPostMicroseconds": 21}}` over the defaults. Throws for an unknown name or an invalid
 * value.
 */
export function readParameters(json: string): Parameters {
  const decoded: unknown = JSON.parse(json);
  const given = isRecord(decoded) ? decoded['parameters'] : undefined;
  if (!isRecord(given)) throw new Error('The file has no "parameters".');
  const numbers = Object.entries(given).map(([name, value]) => {
    if (!(name in DEFAULTS)) throw new Error(`There is no parameter ${name}.`);
    if (typeof value !== 'number' || !(value > 0)) throw new Error(`${name} must be a number above 0.`);
    return [name, value] as const;
  });
  return { ...DEFAULTS, ...Object.fromEntries(numbers) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
