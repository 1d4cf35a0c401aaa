import type { OutcomeCounts } from '../deliver/outcomes.ts';

/** The event of a shard worker: frames to deliver, in order, to the subscribers in one shard of a topic. */
export interface ShardTask {
  readonly topic: string;
  readonly shard: number;
  readonly frames: readonly ShardFrame[];
}

/** A frame for the subscribers of a shard. */
export interface ShardFrame {
  /** The position of the frame in its topic, for the log. */
  readonly epoch: string;
  readonly seq: number;
  readonly text: string;
  readonly exclude?: string | undefined;
}

/** The answer of a shard worker. */
export interface ShardAnswer extends OutcomeCounts {
  /** The number of frames that are done, from the first on. */
  readonly done: number;
  /** The number of subscribers in the shard. */
  readonly subscribers: number;
}

/** Invokes a worker, once. Rejects when the worker fails or does not answer. */
export type InvokeShard = (task: ShardTask) => Promise<ShardAnswer>;

/** Decodes a worker's answer. Throws a TypeError. */
export function decodeShardAnswer(text: string): ShardAnswer {
  const parsed: unknown = JSON.parse(text);
  const fields = new Map<string, unknown>(Object.entries(parsed ?? {}));
  const count = (name: keyof ShardAnswer): number => {
    const value = fields.get(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw new TypeError(`A worker's answer has no ${name}.`);
    }
    return value;
  };
  return {
    done: count('done'),
    subscribers: count('subscribers'),
    connections: count('connections'),
    delivered: count('delivered'),
    gone: count('gone'),
    throttled: count('throttled'),
    failed: count('failed'),
  };
}
