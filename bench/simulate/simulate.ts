import { shardsNeeded } from '../../shared/store/topic-shards.ts';
import { type Audience, deliverOnce } from './deliver-once.ts';
import type { Parameters } from './parameters.ts';
import { type Storm, subscribeStorm } from './subscribe-storm.ts';
import { type Ceiling, listReadUnits, messagesPerFullFrame, rounds, shardPostsMs, sustained } from './sustained.ts';

export interface SimulatedRow extends Audience {
  /** Lambdas at once, the broadcast included. */
  readonly lambdas: number;
  readonly lastDeliveryMs: number;
  /** What the last delivery waits for. */
  readonly binds: string;
  /** Whether one invocation has the time for it; else what is left is tried again with the batch. */
  readonly isInTime: boolean;
  readonly single: Ceiling;
  readonly batched: Ceiling;
  /** Read units of each listing, under one key of the index: with shards, and had the topic but one. */
  readonly listReadUnits: number;
  readonly unshardedReadUnits: number;
  /** What would bring the last delivery to the target. */
  readonly needed: { readonly postsPerSecond: number; readonly workers: number };
}

export interface Simulation {
  readonly parameters: Parameters;
  readonly messagesPerFullFrame: number;
  readonly rows: readonly SimulatedRow[];
  readonly storms: readonly Storm[];
}

const SUBSCRIBERS = [1_000, 10_000, 100_000, 1_000_000] as const;
/** An account's default, and what may be asked for. */
const POSTS_PER_SECOND = [10_000, 100_000] as const;
/** The same of new connections. */
const CONNECTIONS_PER_SECOND = [500, 5_000] as const;

/** One topic of 1,000 to a million subscribers, under the default quota of posts and a raised one. */
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

/** One topic of so many subscribers, under so many posts a second. */
export function simulateRow(given: Parameters, subscribers: number, postsPerSecond: number): SimulatedRow {
  // The broadcast is a Lambda too, and the account has no more.
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

/** Before the first post. */
const fixedMs = ({ pickupMs, invocationMs, invokeMs }: Parameters, shards: number): number =>
  pickupMs + invocationMs + (shards > 1 ? invokeMs : 0);

/** Listing and posting of one shard, with nothing in its way. */
const shardMs = (parameters: Parameters, { subscribers, shards }: Audience): number =>
  (subscribers / shards / 1_000) * parameters.queryMsPer1000 + shardPostsMs(parameters, subscribers / shards);

/** The longest of what cannot be shortened by the others. */
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

/** As if each were the only thing in the way. */
function neededFor(parameters: Parameters, audience: Audience): SimulatedRow['needed'] {
  const leftMs = Math.max(1, parameters.targetMs - fixedMs(parameters, audience.shards));
  const roundsLeft = Math.max(1, Math.floor(leftMs / (shardMs(parameters, audience) + parameters.invokeMs)));
  return {
    // The burst goes first, so a rate of r sends r × (share + time) by then.
    postsPerSecond: Math.ceil(audience.subscribers / (parameters.burstShare + leftMs / 1_000)),
    workers: Math.ceil(audience.shards / roundsLeft),
  };
}
