import { setTimeout as sleep } from 'node:timers/promises';
import { CLI_BOUNDS } from '../bounds.ts';

/** The pace of a replay. */
export interface Pace {
  /** The number of changes in a batch. */
  readonly batchRecords: number;
  /** Waits until this number of changes may be done, or until the replay is interrupted. */
  readonly wait: (done: number, interrupted: AbortSignal) => Promise<void>;
}

/** The least number of batches a second: a slow pace has small batches. */
const BATCHES_PER_SECOND = 4;
const MS_PER_SECOND = 1_000;

/** Creates a pace of at most `rate` changes a second; without a rate there is no limit. */
export function createPace(rate: number | undefined, now: () => number): Pace {
  if (rate === undefined) return { batchRecords: CLI_BOUNDS.BATCH_RECORDS, wait: async () => undefined };
  const startMs = now();
  return {
    batchRecords: Math.min(CLI_BOUNDS.BATCH_RECORDS, Math.max(1, Math.floor(rate / BATCHES_PER_SECOND))),
    wait: async (done, interrupted) => {
      const waitMs = startMs + (done * MS_PER_SECOND) / rate - now();
      if (waitMs <= 0) return;
      await sleep(waitMs, undefined, { signal: interrupted }).catch((error: unknown) => {
        // Interrupted: the replay ends.
        if (!interrupted.aborted) throw error;
      });
    },
  };
}
