/** What a worker is asked to do: deliver these frames, in order, to the subscribers in one shard of a topic. */
export interface ShardTask {
  readonly topic: string;
  readonly shard: number;
  readonly frames: readonly ShardFrame[];
}

export interface ShardFrame {
  /** Where in its topic it is, for the log. */
  readonly epoch: string;
  readonly seq: number;
  readonly text: string;
  readonly exclude?: string | undefined;
}

/** How deliveries ended, in numbers. */
export interface OutcomeCounts {
  readonly connections: number;
  readonly delivered: number;
  readonly gone: number;
  readonly throttled: number;
  readonly failed: number;
}

/** What a worker answers. */
export interface ShardAnswer extends OutcomeCounts {
  /** Frames that are done, from the first on. */
  readonly done: number;
  /** Subscribers in the shard. */
  readonly subscribers: number;
}

/** Has a worker do it, once. Rejects when the worker fails or does not answer. */
export type InvokeShard = (task: ShardTask) => Promise<ShardAnswer>;

/** Decodes the text that a worker answered. Throws a TypeError. */
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
