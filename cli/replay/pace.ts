import { setTimeout as sleep } from 'node:timers/promises';
import { CLI_BOUNDS } from '../bounds.ts';

/** How fast changes are sent. */
export interface Pace {
  /** Changes of one batch. */
  readonly batchRecords: number;
  /** Waits until this many changes may be done, or it is interrupted. */
  readonly wait: (done: number, interrupted: AbortSignal) => Promise<void>;
}

/** A slow pace comes in small batches, at least so many a second. */
const BATCHES_PER_SECOND = 4;
const MS_PER_SECOND = 1_000;

/** At most `rate` changes a second; as fast as it goes without one. */
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
