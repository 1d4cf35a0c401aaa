import { ASSUMPTIONS, TEMPLATE } from './assumptions.ts';
import { listReads } from './capacity-units.ts';
import { priceOf } from './price-of.ts';
import { AWS_PRICES } from './prices.ts';

const MILLION = 1e6;
const MB_PER_GB = 1_024;
const MS_PER_SECOND = 1_000;

/**
 * Returns the price in US dollars of the workers of a topic's shards for a million publishes, however few subscribe:
 * one invocation and one query of each shard, while the broadcast waits. A topic of one shard has no worker. Posting is
 * not in it, since it is the same with any number of shards.
 */
export function usdOfShards(shards: number): number {
  if (shards <= 1) return 0;
  const waits = Math.ceil(shards / ASSUMPTIONS.WORKERS);
  const seconds = ((shards + waits) * ASSUMPTIONS.FANOUT_BASE_MS) / MS_PER_SECOND;
  return (
    priceOf(AWS_PRICES.lambdaRequests, MILLION * shards) +
    priceOf(AWS_PRICES.lambdaArm, (MILLION * seconds * TEMPLATE.FANOUT_MB) / MB_PER_GB) +
    priceOf(AWS_PRICES.dynamodbReads, MILLION * shards * listReads(1))
  );
}
