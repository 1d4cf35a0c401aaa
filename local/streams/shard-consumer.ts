import type { Checkpoint } from './checkpoints.ts';
import { createPause, type Pause } from './clock.ts';
import { errorNameOf } from './engine-errors.ts';
import type { MappingContext } from './mapping-context.ts';
import { createPollPace, type PollPace } from './poll-pace.ts';
import { retryDelayMs } from './poll-tuning.ts';
import { createShardReader, type ShardPage, type ShardReader } from './shard-reader.ts';
import { type Backlog, type ShardWork, startShardWork } from './shard-work.ts';

/** The options of a shard consumer. */
export interface ShardConsumerOptions {
  readonly shardId: string;
  readonly from: Checkpoint;
  /** Called when the engine does not know the shard, so that the list of shards is read again. */
  readonly onMissing: () => void;
}

/** The consumer of one shard: polls it and processes its records. */
export class ShardConsumer {
  /** Resolves when the shard has ended and all its records are done, or when the mapping has stopped. */
  readonly stopped: Promise<void>;
  readonly #options: ShardConsumerOptions;
  readonly #context: MappingContext;
  readonly #reader: ShardReader;
  readonly #work: ShardWork;
  readonly #pace: PollPace;
  /**
   * The pause between polls. Separate from the others, because a wake must end neither a backoff nor the minimum gap
   * between polls.
   */
  readonly #pollPause: Pause;
  /** The pause of a backoff, or of the minimum gap between polls. */
  readonly #holdPause: Pause;
  /** The pause while too many records wait. */
  readonly #roomPause: Pause;
  /** Wakes so far. The first poll counts as woken. */
  #wakes = 1;
  /** The wakes after which a poll returned empty. */
  #servedWakes = 0;
  /** Whether the next poll is due immediately. */
  #isUrgent = false;
  #failures = 0;
  #lastPollMs = 0;
  #missing = false;
  #abandoned = false;

  constructor(options: ShardConsumerOptions, context: MappingContext) {
    this.#options = options;
    this.#context = context;
    this.#reader = createShardReader(options, context);
    this.#pace = createPollPace(context.tuning, context.clock);
    this.#pollPause = createPause(context.clock);
    this.#holdPause = createPause(context.clock);
    this.#roomPause = createPause(context.clock);
    this.#work = startShardWork({ shardId: options.shardId, onProgress: () => this.#roomPause.end() }, context);
    this.stopped = this.#consume();
  }

  /** Reports that something was written to the table. */
  wake(): void {
    this.#wakes += 1;
    this.#pace.active();
    if (this.#context.tuning.mode !== 'fast') return;
    this.#isUrgent = true;
    this.#pollPause.end();
  }

  /** Returns whether everything written before the last `wake` has been read and handled. */
  isIdle(): boolean {
    return this.#work.isDone() && this.#servedWakes === this.#wakes;
  }

  /** Returns the records that were read and are not done. */
  backlog(): Backlog {
    return this.#work.backlog();
  }

  /** Returns whether the engine did not know the shard at the last read. */
  isMissing(): boolean {
    return this.#missing;
  }

  /** Stops reading, for a shard that the stream no longer lists. */
  abandon(): void {
    this.#abandoned = true;
    this.#endWaits();
  }

  /** Ends the waits. The context's `stopping` must be aborted before. */
  stop(): void {
    this.#endWaits();
    this.#work.stop();
  }

  async #consume(): Promise<void> {
    const { stopping, checkpoints, key } = this.#context;
    let ended = false;
    while (!ended && this.#isReading()) {
      if (this.#work.hasRoom()) ended = await this.#poll();
      else await this.#roomPause.wait();
    }
    if (ended) this.#work.close();
    while (!this.#work.isDone() && !stopping.aborted) await this.#roomPause.wait();
    if (ended && this.#work.isDone()) checkpoints.save(key, this.#options.shardId, { at: 'finished' });
    if (stopping.aborted) await this.#work.stopped();
  }

  /** Polls once. Returns true at the end of a closed shard. */
  async #poll(): Promise<boolean> {
    await this.#keepGap();
    const page = await this.#readPage();
    if (page === undefined) return false;
    if (page.records.length > 0) await this.#handOver(page);
    if (page.ended || page.full || this.#isUrgent || !this.#isReading()) return page.ended;
    await this.#pollPause.wait(this.#pace.nextPollMs(this.#lastPollMs));
    return false;
  }

  async #keepGap(): Promise<void> {
    const { clock, tuning } = this.#context;
    const gapMs = this.#lastPollMs + tuning.wakeGapMs - clock.now();
    if (gapMs > 0) await this.#holdPause.wait(gapMs);
    this.#lastPollMs = clock.now();
  }

  async #readPage(): Promise<ShardPage | undefined> {
    const wakes = this.#wakes;
    this.#isUrgent = false;
    try {
      const page = await this.#reader.read();
      this.#context.presence.answered();
      if (page.empty) this.#servedWakes = wakes;
      this.#failures = 0;
      this.#missing = false;
      return page;
    } catch (error) {
      if (this.#isReading()) await this.#backOff(error);
      return undefined;
    }
  }

  async #backOff(error: unknown): Promise<void> {
    this.#failures += 1;
    this.#missing = errorNameOf(error) === 'ResourceNotFoundException';
    if (this.#missing) this.#options.onMissing();
    else this.#context.presence.failed(error);
    if (!this.#isReading()) return;
    await this.#holdPause.wait(retryDelayMs(this.#failures, this.#context.tuning, this.#context.random));
  }

  async #handOver(page: ShardPage): Promise<void> {
    if (this.#context.tuning.mode === 'aws') await this.#holdPause.wait(this.#context.tuning.awsHandOverMs);
    this.#pace.active();
    this.#work.accept(page.records);
  }

  #isReading(): boolean {
    return !this.#context.stopping.aborted && !this.#abandoned;
  }

  #endWaits(): void {
    for (const pause of [this.#pollPause, this.#holdPause, this.#roomPause]) pause.end();
  }
}
