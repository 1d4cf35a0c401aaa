import type { Checkpoint } from './checkpoints.ts';
import { createPause, type Pause } from './clock.ts';
import type { MappingContext } from './mapping-context.ts';
import { retryDelayMs } from './poll-tuning.ts';
import { ShardConsumer } from './shard-consumer.ts';
import type { Backlog } from './shard-work.ts';
import { findReadyShards, type ListedShard, listShards, startingCheckpoint } from './shard-list.ts';

/**
 * Maximum number of shards read at the same time, 64. Further shards wait until one has ended. Engines on one machine
 * have a handful.
 */
const MAX_OPEN_SHARDS = 64;

/** The consumer of a stream: lists its shards and consumes the ready ones, parents before children. */
export class StreamConsumer {
  /** Resolves when no invocation is in flight any more, after `stop`. */
  readonly stopped: Promise<void>;
  readonly #context: MappingContext;
  readonly #consumers = new Map<string, ShardConsumer>();
  /**
   * The pause between two reads of the list. Separate from the retry pause, because a request for the list must not
   * shorten the backoff of a failed read.
   */
  readonly #listPause: Pause;
  readonly #retryPause: Pause;
  #startAtLatest: boolean;
  /** Requested reads of the list, the first one included. */
  #listsWanted = 1;
  /** Completed reads of the list. */
  #listsDone = 0;
  #failures = 0;

  constructor(context: MappingContext) {
    this.#context = context;
    this.#listPause = createPause(context.clock);
    this.#retryPause = createPause(context.clock);
    const { mapping, checkpoints, key } = context;
    this.#startAtLatest = mapping.startingPosition === 'LATEST' && !checkpoints.knows(key);
    this.stopped = this.#run();
  }

  wake(): void {
    for (const consumer of this.#consumers.values()) consumer.wake();
  }

  isIdle(): boolean {
    return !this.#isStale() && [...this.#consumers.values()].every((consumer) => consumer.isIdle());
  }

  /** Returns the backlogs of the shards that are read. */
  backlogs(): readonly Backlog[] {
    return [...this.#consumers.values()].map((consumer) => consumer.backlog());
  }

  /** Ends the waits. The context's `stopping` must be aborted before. */
  stop(): void {
    this.#listPause.end();
    this.#retryPause.end();
    for (const consumer of this.#consumers.values()) consumer.stop();
  }

  async #run(): Promise<void> {
    const { stopping, tuning } = this.#context;
    while (!stopping.aborted) {
      await this.#list();
      if (!this.#isStale() && !stopping.aborted) await this.#listPause.wait(tuning.discoveryMs);
    }
    await Promise.all([...this.#consumers.values()].map((consumer) => consumer.stopped));
  }

  async #list(): Promise<void> {
    const { stopping, presence, tuning, random } = this.#context;
    const wanted = this.#listsWanted;
    try {
      const shards = await listShards(this.#context);
      if (stopping.aborted) return;
      this.#update(shards);
      this.#listsDone = wanted;
      presence.answered();
      this.#failures = 0;
    } catch (error) {
      if (stopping.aborted) return;
      this.#failures += 1;
      presence.failed(error);
      await this.#retryPause.wait(retryDelayMs(this.#failures, tuning, random));
    }
  }

  #update(shards: readonly ListedShard[]): void {
    this.#saveStarts(shards);
    const names = new Set(shards.map(({ shardId }) => shardId));
    for (const [shardId, consumer] of this.#consumers) {
      if (!names.has(shardId) && consumer.isMissing()) consumer.abandon();
    }
    const { checkpoints, key } = this.#context;
    // An engine that has just started may list no shards yet: keep the checkpoints.
    if (names.size > 0) checkpoints.retain(key, [...names, ...this.#consumers.keys()]);
    const ready = findReadyShards(shards, (shardId) => this.#checkpointOf(shardId));
    const starting = ready.filter(({ shardId }) => !this.#consumers.has(shardId));
    for (const { shardId } of starting.slice(0, MAX_OPEN_SHARDS - this.#consumers.size)) this.#consume(shardId);
  }

  /** Saves a checkpoint for each new shard, so that a restart knows that the mapping was started before. */
  #saveStarts(shards: readonly ListedShard[]): void {
    const { checkpoints, key } = this.#context;
    for (const shard of shards) {
      if (this.#checkpointOf(shard.shardId) !== undefined) continue;
      checkpoints.save(key, shard.shardId, startingCheckpoint(shard, this.#startAtLatest));
    }
    if (shards.length > 0) this.#startAtLatest = false;
  }

  #consume(shardId: string): void {
    const from = this.#checkpointOf(shardId) ?? { at: 'trim-horizon' };
    const consumer = new ShardConsumer({ shardId, from, onMissing: () => this.#lookAgain() }, this.#context);
    this.#consumers.set(shardId, consumer);
    void this.#forgetWhenStopped(shardId, consumer);
  }

  async #forgetWhenStopped(shardId: string, consumer: ShardConsumer): Promise<void> {
    await consumer.stopped;
    if (this.#context.stopping.aborted) return;
    this.#consumers.delete(shardId);
    this.#lookAgain();
  }

  #isStale(): boolean {
    return this.#listsDone !== this.#listsWanted;
  }

  #lookAgain(): void {
    this.#listsWanted += 1;
    this.#listPause.end();
  }

  #checkpointOf(shardId: string): Checkpoint | undefined {
    return this.#context.checkpoints.load(this.#context.key, shardId);
  }
}
