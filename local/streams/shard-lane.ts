import { createBatchRunner } from './batch-runner.ts';
import { createBatchWindow } from './batch-window.ts';
import { createPause } from './clock.ts';
import type { MappingContext } from './mapping-context.ts';
import type { StreamRecord } from './stream-record.ts';

/**
 * A sequence of a shard's records, processed in order with one invocation at a time. A shard has ParallelizationFactor
 * lanes. The records that wait in them are bounded by the shard's read-ahead.
 */
export interface ShardLane {
  readonly push: (record: StreamRecord) => void;
  /** Ends the waits. The context's `stopping` must be aborted before. */
  readonly stop: () => void;
  /** Resolves when the lane has stopped. */
  readonly stopped: Promise<void>;
}

/** The options of a lane. */
export interface ShardLaneOptions {
  readonly shardId: string;
  /** Called with records that need no more work: the function has processed them, or they are in the failure bucket. */
  readonly finish: (records: readonly StreamRecord[]) => void;
}

/** Starts a lane. */
export function startShardLane(options: ShardLaneOptions, context: MappingContext): ShardLane {
  // Two pauses: a new record must not cut short the backoff of a failing batch.
  const idlePause = createPause(context.clock);
  const retryPause = createPause(context.clock);
  const runner = createBatchRunner({ ...options, pause: retryPause }, context);
  const window = createBatchWindow(context.mapping, context.clock);
  const work = async (): Promise<void> => {
    while (!context.stopping.aborted) {
      const batch = window.takeDue();
      if (batch.length === 0) {
        await idlePause.wait(window.untilDueMs());
      } else {
        await runner.run(batch);
        window.restart();
      }
    }
  };
  const push = (record: StreamRecord): void => {
    if (window.push(record)) idlePause.end();
  };
  const stop = (): void => {
    idlePause.end();
    retryPause.end();
  };
  return { push, stop, stopped: work() };
}
