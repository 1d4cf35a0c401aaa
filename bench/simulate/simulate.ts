import { shardsNeeded } from '../../shared/store/topic-shards.ts';
import { type Audience, deliverOnce } from './deliver-once.ts';
import type { Parameters } from './parameters.ts';
import { type Storm, subscribeStorm } from './subscribe-storm.ts';
import { type Ceiling, listReadUnits, messagesPerFullFrame, rounds, shardPostsMs, sustained } from './sustained.ts';

/** The simulated figures of one topic. */
export interface SimulatedRow extends Audience {
  /** Concurrent Lambdas, the broadcast included. */
  readonly lambdas: number;
  readonly lastDeliveryMs: number;
  /** The limit that the last delivery waits for. */
  readonly binds: string;
  /** Whether one invocation has enough time. Otherwise the rest is retried with the batch. */
  readonly isInTime: boolean;
  readonly single: Ceiling;
  readonly batched: Ceiling;
  /** Read units of each listing under one key of the index, with shards. */
  readonly listReadUnits: number;
  /** Read units of each listing if the topic had a single shard. */
  readonly unshardedReadUnits: number;
  /** The quotas at which the last delivery meets the target. */
  readonly needed: { readonly postsPerSecond: number; readonly workers: number };
}

/** The result of a simulation. */
export interface Simulation {
  readonly parameters: Parameters;
  readonly messagesPerFullFrame: number;
  readonly rows: readonly SimulatedRow[];
  readonly storms: readonly Storm[];
}

const SUBSCRIBERS = [1_000, 10_000, 100_000, 1_000_000] as const;
/** Posts a second: an account's default, and a raised quota. */
const POSTS_PER_SECOND = [10_000, 100_000] as const;
/** New connections a second: an account's default, and a raised quota. */
const CONNECTIONS_PER_SECOND = [500, 5_000] as const;

/** Simulates one topic of 1,000 to a million subscribers, under the default quota of posts and a raised one. */
export function simulate(parameters: Parameters): Simulation {
  return {
    parameters,
    messagesPerFullFrame: messagesPerFullFrame(parameters),
    rows: SUBSCRIBERS.flatMap((subscribers) =>
      POSTS_PER_SECOND.map((postsPerSecond) => simulateRow(parameters, subscribers, postsPerSecond)),
    ),
    storms: SUBSCRIBERS.slice(1).flatMap((subscribers) =>
      CONNECTIONS_PER_SECOND.map((perSecond) => subscribeStorm(parameters, subscribers, perSecond)),
    ),
  };
}

/** Simulates one topic of this number of subscribers, under a quota of posts. */
export function simulateRow(given: Parameters, subscribers: number, postsPerSecond: number): SimulatedRow {
  // The broadcast is a Lambda too and counts against the account's concurrency.
  const parameters = { ...given, workers: Math.max(1, Math.min(given.workers, given.lambdaConcurrency - 1)) };
  const shards = Math.min(parameters.maxShards, shardsNeeded(subscribers, 1));
  const audience = { subscribers, shards, postsPerSecond };
  const lastDeliveryMs = deliverOnce(parameters, audience);
  return {
    ...audience,
    lambdas: shards > 1 ? Math.min(shards, parameters.workers) + 1 : 1,
    lastDeliveryMs,
    binds: bindsOnce(parameters, audience),
    isInTime:
      lastDeliveryMs - fixedMs(parameters, shards) <= (shards > 1 ? parameters.workersMs : parameters.deliveryMs),
    single: sustained(parameters, audience, 1),
    batched: sustained(parameters, audience, messagesPerFullFrame(parameters)),
    listReadUnits: listReadUnits(parameters, subscribers / shards),
    unshardedReadUnits: listReadUnits(parameters, subscribers),
    needed: neededFor(parameters, audience),
  };
}

/** Returns the time in ms before the first post. */
const fixedMs = ({ pickupMs, invocationMs, invokeMs }: Parameters, shards: number): number =>
  pickupMs + invocationMs + (shards > 1 ? invokeMs : 0);

/** Returns the time in ms to list and post one shard without any other limit. */
const shardMs = (parameters: Parameters, { subscribers, shards }: Audience): number =>
  (subscribers / shards / 1_000) * parameters.queryMsPer1000 + shardPostsMs(parameters, subscribers / shards);

/** Returns the limit that alone takes longest. */
function bindsOnce(parameters: Parameters, audience: Audience): string {
  const { subscribers, shards, postsPerSecond } = audience;
  const burst = postsPerSecond * parameters.burstShare;
  const parts = [
    { binds: 'posts/s of the account', ms: ((subscribers - burst) / postsPerSecond) * 1_000 },
    {
      binds: shards > 1 ? 'workers at once' : 'posts under way in one Lambda',
      ms: rounds(parameters, shards) * shardMs(parameters, audience),
    },
    { binds: 'the poll of the stream', ms: parameters.pickupMs },
  ];
  const [longest] = parts.toSorted((a, b) => b.ms - a.ms);
  return longest?.binds ?? '';
}

/** Returns the needed quotas, each as if it were the only limit. */
function neededFor(parameters: Parameters, audience: Audience): SimulatedRow['needed'] {
  const leftMs = Math.max(1, parameters.targetMs - fixedMs(parameters, audience.shards));
  const roundsLeft = Math.max(1, Math.floor(leftMs / (shardMs(parameters, audience) + parameters.invokeMs)));
  return {
    // The burst goes first, so a rate of r sends r × (share + time) by then.
    postsPerSecond: Math.ceil(audience.subscribers / (parameters.burstShare + leftMs / 1_000)),
    workers: Math.ceil(audience.shards / roundsLeft),
  };
}
