import { EventQueue } from './event-queue.ts';
import type { Parameters } from './parameters.ts';

/** The subscribers of one topic and the account's rate of posts. */
export interface Audience {
  readonly subscribers: number;
  readonly shards: number;
  readonly postsPerSecond: number;
}

/** A Lambda that posts, with the rest of its shard. */
interface Worker {
  left: number;
  inFlight: number;
  cpuFreeMs: number;
}

interface Run {
  readonly parameters: Parameters;
  readonly queue: EventQueue;
  readonly workers: readonly Worker[];
  /** The numbers of subscribers in the shards that no worker has started. */
  readonly waiting: number[];
  readonly limit: RateLimit;
  readonly random: () => number;
}

/**
 * Simulates the delivery of one message to all subscribers, post by post. Each worker takes a shard, keeps a number of
 * posts in flight, spends CPU time on them one after another, and shares the account's quota with the others. Returns
 * the time of the last answer in ms.
 */
export function deliverOnce(parameters: Parameters, audience: Audience): number {
  const { subscribers, shards, postsPerSecond } = audience;
  const run: Run = {
    parameters,
    queue: new EventQueue(),
    workers: Array.from({ length: Math.min(shards, parameters.workers) }, () => ({
      left: 0,
      inFlight: 0,
      cpuFreeMs: 0,
    })),
    waiting: shares(subscribers, shards),
    limit: createRateLimit(postsPerSecond, postsPerSecond * parameters.burstShare),
    random: createRandom(parameters.seed),
  };
  const startMs = parameters.pickupMs + parameters.invocationMs + (shards > 1 ? parameters.invokeMs : 0);
  run.workers.forEach((_, index) => takeShard(run, index, startMs));
  let lastMs = 0;
  for (let slot = run.queue.pop(); slot !== undefined; slot = run.queue.pop()) {
    lastMs = Math.max(lastMs, slot.atMs);
    answered(run, slot.worker, slot.atMs);
  }
  return lastMs;
}

/** Returns the subscribers of each shard, distributed evenly. */
const shares = (subscribers: number, shards: number): number[] =>
  Array.from({ length: shards }, (_, index) => Math.floor((subscribers + index) / shards));

function takeShard(run: Run, index: number, atMs: number): void {
  const [worker, share] = [run.workers[index], run.waiting.pop()];
  if (worker === undefined || share === undefined) return;
  worker.left = share;
  worker.cpuFreeMs = atMs + (share / 1_000) * run.parameters.queryMsPer1000;
  while (worker.inFlight < run.parameters.postsInFlight && worker.left > 0) post(run, index, worker.cpuFreeMs);
}

function answered(run: Run, index: number, atMs: number): void {
  const worker = run.workers[index];
  if (worker === undefined) return;
  worker.inFlight -= 1;
  if (worker.left > 0) post(run, index, atMs);
  else if (worker.inFlight === 0) takeShard(run, index, atMs + run.parameters.invokeMs);
}

function post({ parameters, queue, workers, limit, random }: Run, index: number, atMs: number): void {
  const worker = workers[index];
  if (worker === undefined) return;
  worker.left -= 1;
  worker.inFlight += 1;
  worker.cpuFreeMs = Math.max(atMs, worker.cpuFreeMs) + parameters.cpuPerPostMicroseconds / 1_000;
  // Answers are rarely much faster than usual, and occasionally much slower.
  const spread = 1 + parameters.postJitter * (3 * random() ** 2 - 1);
  queue.push({ atMs: limit.admit(worker.cpuFreeMs) + parameters.postRoundTripMs * spread, worker: index });
}

/** Creates a generator of numbers from 0 to 1, the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A quota on calls. */
export interface RateLimit {
  /** Returns the time at which a call that is ready at `atMs` is admitted. */
  readonly admit: (atMs: number) => number;
}

/**
 * Creates a token bucket that is full at the start. Calls wait instead of being refused: the best that a quota allows.
 */
export function createRateLimit(perSecond: number, burst: number): RateLimit {
  const intervalMs = 1_000 / perSecond;
  const slackMs = burst * intervalMs;
  let dueMs = Number.NEGATIVE_INFINITY;
  return {
    admit: (atMs) => {
      const admittedMs = Math.max(atMs, dueMs - slackMs);
      dueMs = Math.max(dueMs, admittedMs) + intervalMs;
      return admittedMs;
    },
  };
}
