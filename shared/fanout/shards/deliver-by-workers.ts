import { backOff, type Waiting } from '../../backoff.ts';
import { byteLength } from '../../protocol/decode-frame.ts';
import { runBounded } from '../../run-bounded.ts';
import { topicShard } from '../../store/schema.ts';
import { FANOUT_BOUNDS } from '../bounds.ts';
import { type Change, encodeChange, excludedBy } from '../stream-records.ts';
import type { DeliveredMemory } from '../deliver/delivered-memory.ts';
import type { InvokeShard, OutcomeCounts, ShardAnswer, ShardFrame } from './shard-task.ts';

export interface ShardFanoutDeps {
  readonly invoke: InvokeShard;
  readonly delivered: DeliveredMemory;
  readonly report: (event: {
    readonly event: 'shard-failed';
    readonly error: unknown;
    /** The place in the topic index. */
    readonly subject: string;
  }) => void;
  readonly waiting: Waiting;
  readonly now: () => number;
}

export interface ShardFanout {
  /** By topic: what came of all its shards together. */
  readonly totals: ReadonlyMap<string, ShardTotals>;
  /** By place in the topic index: the last change that it has. */
  readonly last: ReadonlyMap<string, Change>;
  /** The first change, for each shard that failed, that the shard does not have. */
  readonly failed: readonly Change[];
}

export interface ShardTotals extends OutcomeCounts {
  readonly subscribers: number;
}

/**
 * Delivers changes of topics of several shards: each shard by a worker, a bounded number of them at once. The changes of a
 * shard go one worker after another, in order; a worker that fails is asked again, alone, a bounded number of times.
 */
export async function fanOutToShards(deps: ShardFanoutDeps, changes: readonly Change[]): Promise<ShardFanout> {
  const endMs = deps.now() + FANOUT_BOUNDS.WORKERS_MS;
  const parts = partsOf(deps.delivered, changes);
  const done = await runBounded(parts, FANOUT_BOUNDS.WORKER_CONCURRENCY, (part) => deliverPart(deps, part, endMs));
  const byTopic = Map.groupBy(done, ({ part }) => part.topic);
  return {
    totals: new Map(Array.from(byTopic, ([topic, some]) => [topic, sumOf(some)])),
    last: new Map(done.flatMap(({ part, last }) => (last === undefined ? [] : [[placeOf(part), last] as const]))),
    failed: done.flatMap(({ failed }) => (failed === undefined ? [] : [failed])),
  };
}

/** What is due to one shard, in order. */
interface Part {
  readonly topic: string;
  readonly shard: number;
  readonly due: readonly Encoded[];
}

interface Encoded {
  readonly change: Change;
  readonly frame: ShardFrame;
  readonly bytes: number;
}

/** A shard is due what was published since the topic has it. What it has from an earlier try of the batch it is not due. */
function partsOf(delivered: DeliveredMemory, changes: readonly Change[]): Part[] {
  const byTopic = Map.groupBy(changes.map(encode), ({ change }) => change.head.topic);
  return Array.from(byTopic, ([topic, encoded]) => {
    const shards = Math.max(...encoded.map(({ change }) => change.shards));
    return Array.from({ length: shards }, (_, shard) => {
      const place = topicShard(topic, shard);
      const due = encoded.filter(({ change }) => shard < change.shards && !delivered.has(place, change));
      return { topic, shard, due };
    });
  }).flat();
}

function encode(change: Change): Encoded {
  const { epoch, seq } = change.head;
  const frame = { epoch, seq, text: encodeChange(change), exclude: excludedBy(change) };
  return { change, frame, bytes: byteLength(JSON.stringify(frame)) + 1 };
}

const placeOf = ({ topic, shard }: Part): string => topicShard(topic, shard);

interface PartDone {
  readonly part: Part;
  readonly answers: readonly ShardAnswer[];
  readonly last: Change | undefined;
  readonly failed: Change | undefined;
}

async function deliverPart(deps: ShardFanoutDeps, part: Part, endMs: number): Promise<PartDone> {
  const answers: ShardAnswer[] = [];
  let done = 0;
  let failures = 0;
  while (done < part.due.length && failures < FANOUT_BOUNDS.WORKER_ATTEMPTS && deps.now() < endMs) {
    if (failures > 0) await backOff(failures, WORKER_BACKOFF, deps.waiting);
    const answer = await invokeOnce(deps, part, toFit(part.due.slice(done)));
    if (answer !== undefined) answers.push(answer);
    failures = answer === undefined || answer.done === 0 ? failures + 1 : 0;
    done += answer?.done ?? 0;
  }
  return { part, answers, last: part.due[done - 1]?.change, failed: part.due[done]?.change };
}

const WORKER_BACKOFF = { baseMs: FANOUT_BOUNDS.RETRY_BACKOFF_MS, capMs: FANOUT_BOUNDS.RETRY_BACKOFF_CAP_MS } as const;

async function invokeOnce(
  { invoke, report }: ShardFanoutDeps,
  part: Part,
  due: readonly Encoded[],
): Promise<ShardAnswer | undefined> {
  try {
    const frames = due.map(({ frame }) => frame);
    const answer = await invoke({ topic: part.topic, shard: part.shard, frames });
    return { ...answer, done: Math.min(answer.done, due.length) };
  } catch (error) {
    // Killed, throttled or out of time: it may have delivered some, so who asks again repeats them to this shard alone.
    report({ event: 'shard-failed', error, subject: placeOf(part) });
    return undefined;
  }
}

/** As many as fit the event of one invocation, but at least one. */
function toFit(due: readonly Encoded[]): readonly Encoded[] {
  let bytes = 0;
  const over = due.findIndex((each, index) => {
    bytes += each.bytes;
    return bytes > FANOUT_BOUNDS.WORKER_EVENT_BYTES && index > 0;
  });
  return over === -1 ? due : due.slice(0, over);
}

function sumOf(parts: readonly PartDone[]): ShardTotals {
  const answers = parts.flatMap((part) => part.answers);
  const sum = (name: keyof OutcomeCounts): number => answers.reduce((total, answer) => total + answer[name], 0);
  return {
    // A shard that was asked several times has its subscribers once.
    subscribers: parts.reduce((total, part) => total + (part.answers.at(-1)?.subscribers ?? 0), 0),
    connections: sum('connections'),
    delivered: sum('delivered'),
    gone: sum('gone'),
    throttled: sum('throttled'),
    failed: sum('failed'),
  };
}
