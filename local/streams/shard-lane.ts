import { createBatchRunner } from './batch-runner.ts';
import { createBatchWindow } from './batch-window.ts';
import { createPause } from './clock.ts';
import type { MappingContext } from './mapping-context.ts';
import type { StreamRecord } from './stream-record.ts';
import { createTumblingWindows } from './tumbling-windows.ts';

/**
 * A sequence of a shard's records, processed in order with one invocation at a time. A shard has ParallelizationFactor
 * lanes. The records that wait in them are bounded by the shard's read-ahead.
 */
export interface ShardLane {
  readonly push: (record: StreamRecord) => void;
  /** Ends the open tumbling window when no record waits any more: the shard has ended. */
  readonly close: () => void;
  /** Whether a tumbling window is open. */
  readonly hasWindow: () => boolean;
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
  /** Called when a tumbling window has ended. */
  readonly onWindowEnd?: () => void;
}

/** Starts a lane. */
export function startShardLane(options: ShardLaneOptions, context: MappingContext): ShardLane {
  // Two pauses: a new record must not cut short the backoff of a failing batch.
  const idlePause = createPause(context.clock);
  const retryPause = createPause(context.clock);
  const windows = createTumblingWindows({ shardId: options.shardId, pause: retryPause }, context);
  const runner = createBatchRunner({ ...options, windows, pause: retryPause }, context);
  const window = createBatchWindow(context.mapping, context.clock);
  const run = async (batch: readonly StreamRecord[]): Promise<void> => {
    await runner.run(batch);
    window.restart();
  };
  const endWindow = async (): Promise<void> => {
    await windows.end();
    options.onWindowEnd?.();
  };
  const step = async (): Promise<void> => {
    const next = window.first();
    if (windows.isOver(next)) return endWindow();
    const batch = window.takeDue(next !== undefined && windows.hasPassed(next));
    if (batch.length > 0) return run(batch);
    return idlePause.wait(earliest(window.untilDueMs(), windows.untilPassedMs(next)));
  };
  const work = async (): Promise<void> => {
    while (!context.stopping.aborted) await step();
  };
  const push = (record: StreamRecord): void => {
    if (window.push(record)) idlePause.end();
  };
  const stop = (): void => {
    idlePause.end();
    retryPause.end();
  };
  const close = (): void => {
    windows.close();
    idlePause.end();
  };
  return { push, close, hasWindow: () => windows.isOpen(), stop, stopped: work() };
}

/** Returns the lower of two times; undefined without any. */
const earliest = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
