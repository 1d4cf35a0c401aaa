import { backOff, type Waiting } from '../../backoff.ts';
import { byteLength } from '../../protocol/decode-frame.ts';
import { runBounded } from '../../run-bounded.ts';
import { topicShard } from '../../store/schema.ts';
import { type Change, encodeChange, excludedBy } from '../stream-records.ts';
import type { DeliveredMemory } from '../deliver/delivered-memory.ts';
import type { InvokeShard, ShardAnswer, ShardFrame } from './shard-task.ts';
import { type OutcomeCounts, sumCounts } from '../deliver/outcomes.ts';
import { RETRY_BACKOFF_CAP_MS, RETRY_BACKOFF_MS } from '../deliver/post-all.ts';

/**
 * Number of shard workers that one broadcast invocation has at work at once. Ten lanes of a stream together need a
 * third of an account’s default concurrency.
 * @limit operator
 */
export const WORKER_CONCURRENCY = 32;
/** Number of tries to deliver to one shard, counted from the last try that made progress. */
export const WORKER_ATTEMPTS = 3;
/** Bytes of the frames in one worker’s event, well within the 6 MB that Lambda takes. */
export const WORKER_EVENT_BYTES = 4_194_304;
/**
 * Time in ms within which a worker may be invoked, so that the last one has answered before the broadcast’s own time
 * is up.
 */
export const WORKERS_MS = 22_000;

/** The dependencies of delivering by workers. */
export interface DeliverByWorkersDeps {
  readonly invoke: InvokeShard;
  readonly delivered: DeliveredMemory;
  readonly report: (event: {
    readonly event: 'shard-failed';
    readonly error: unknown;
    /** The topic shard. */
    readonly subject: string;
  }) => void;
  readonly waiting: Waiting;
  readonly now: () => number;
}

/** The results of delivering by workers. */
export interface DeliveredByWorkers {
  /** By topic, the totals of all its shards. */
  readonly totals: ReadonlyMap<string, ShardTotals>;
  /** By topic shard, the last change that it has. */
  readonly last: ReadonlyMap<string, Change>;
  /** The first change that each failed shard lacks. */
  readonly failed: readonly Change[];
}

/** The outcomes of all shards of a topic, counted. */
export interface ShardTotals extends OutcomeCounts {
  readonly subscribers: number;
}

/**
 * Delivers changes of topics with several shards: each shard by a worker, a bounded number of them at once. If the
 * changes of a shard need several invocations, these follow one another, in order. A worker that fails is invoked
 * again, alone, a bounded number of times.
 */
export async function deliverByWorkers(
  deps: DeliverByWorkersDeps,
  changes: readonly Change[],
): Promise<DeliveredByWorkers> {
  const endMs = deps.now() + WORKERS_MS;
  const parts = partsOf(deps.delivered, changes);
  const done = await runBounded(parts, WORKER_CONCURRENCY, (part) => deliverPart(deps, part, endMs));
  const byTopic = Map.groupBy(done, ({ part }) => part.topic);
  return {
    totals: new Map(Array.from(byTopic, ([topic, some]) => [topic, sumOf(some)])),
    last: new Map(done.flatMap(({ part, last }) => (last === undefined ? [] : [[shardOf(part), last] as const]))),
    failed: done.flatMap(({ failed }) => (failed === undefined ? [] : [failed])),
  };
}

/** The changes that are due to one shard, in order. */
interface ShardPart {
  readonly topic: string;
  readonly shard: number;
  readonly due: readonly Encoded[];
}

interface Encoded {
  readonly change: Change;
  readonly frame: ShardFrame;
  readonly bytes: number;
}

/**
 * Divides changes by shard. A shard is due the changes that were published since it exists, except those that it has
 * from an earlier try of the batch.
 */
function partsOf(delivered: DeliveredMemory, changes: readonly Change[]): ShardPart[] {
  const byTopic = Map.groupBy(changes.map(encode), ({ change }) => change.head.topic);
  return Array.from(byTopic, ([topic, encoded]) => {
    const shards = Math.max(...encoded.map(({ change }) => change.shards));
    return Array.from({ length: shards }, (_, shard) => {
      const id = topicShard(topic, shard);
      const due = encoded.filter(({ change }) => shard < change.shards && !delivered.has(id, change));
      return { topic, shard, due };
    });
  }).flat();
}

function encode(change: Change): Encoded {
  const { epoch, seq } = change.head;
  const frame = { epoch, seq, text: encodeChange(change), exclude: excludedBy(change) };
  return { change, frame, bytes: byteLength(JSON.stringify(frame)) + 1 };
}

const shardOf = ({ topic, shard }: ShardPart): string => topicShard(topic, shard);

interface PartDone {
  readonly part: ShardPart;
  readonly answers: readonly ShardAnswer[];
  readonly last: Change | undefined;
  readonly failed: Change | undefined;
}

async function deliverPart(deps: DeliverByWorkersDeps, part: ShardPart, endMs: number): Promise<PartDone> {
  const answers: ShardAnswer[] = [];
  let done = 0;
  let failures = 0;
  while (done < part.due.length && failures < WORKER_ATTEMPTS && deps.now() < endMs) {
    if (failures > 0) await backOff(failures, WORKER_BACKOFF, deps.waiting);
    const answer = await invokeOnce(deps, part, toFit(part.due.slice(done)));
    if (answer !== undefined) answers.push(answer);
    failures = answer === undefined || answer.done === 0 ? failures + 1 : 0;
    done += answer?.done ?? 0;
  }
  return { part, answers, last: part.due[done - 1]?.change, failed: part.due[done]?.change };
}

const WORKER_BACKOFF = { baseMs: RETRY_BACKOFF_MS, capMs: RETRY_BACKOFF_CAP_MS } as const;

async function invokeOnce(
  { invoke, report }: DeliverByWorkersDeps,
  part: ShardPart,
  due: readonly Encoded[],
): Promise<ShardAnswer | undefined> {
  try {
    const frames = due.map(({ frame }) => frame);
    const answer = await invoke({ topic: part.topic, shard: part.shard, frames });
    return { ...answer, done: Math.min(answer.done, due.length) };
  } catch (error) {
    // Killed, throttled or out of time. The worker may have delivered a part: a retry repeats it to this shard alone.
    report({ event: 'shard-failed', error, subject: shardOf(part) });
    return undefined;
  }
}

/** Returns as many changes as fit the event of one invocation, and at least one. */
function toFit(due: readonly Encoded[]): readonly Encoded[] {
  let bytes = 0;
  const over = due.findIndex((each, index) => {
    bytes += each.bytes;
    return bytes > WORKER_EVENT_BYTES && index > 0;
  });
  return over === -1 ? due : due.slice(0, over);
}

function sumOf(parts: readonly PartDone[]): ShardTotals {
  return {
    // A shard that several invocations delivered to has its subscribers once.
    subscribers: parts.reduce((total, part) => total + (part.answers.at(-1)?.subscribers ?? 0), 0),
    ...sumCounts(parts.flatMap((part) => part.answers)),
  };
}
