import { backOff } from '../../shared/backoff.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { ReadChange } from '../stream/topic-record.ts';
import type { Pace } from './pace.ts';
import { type BatchDeps, type BatchResult, replayBatch } from './replay-batch.ts';
import { add, NOTHING, type Tally } from './tally.ts';

export interface ReplayDeps extends BatchDeps {
  readonly pace: Pace;
  readonly interrupted: AbortSignal;
  /** After each batch, with what is done since the last: before the next begins. */
  readonly onProgress: (tally: Tally, changes: readonly ReadChange[]) => Promise<void>;
}

export interface ReplayResult {
  readonly tally: Tally;
  /** Changes that were not sent. */
  readonly left: number;
  /** Why some are left, when it was not an interrupt. */
  readonly reason: string | undefined;
}

/** Sends changes in their order, batch by batch, until all are sent, or it is interrupted, or nobody can be reached. */
export async function runReplay(deps: ReplayDeps, changes: readonly ReadChange[]): Promise<ReplayResult> {
  let tally = NOTHING;
  let place = 0;
  while (place < changes.length && !deps.interrupted.aborted) {
    const result = await replayStubbornly(deps, changes.slice(place, place + deps.pace.batchRecords));
    const done = changes.slice(place, place + result.done);
    tally = add(tally, result.tally);
    place += result.done;
    await deps.onProgress(tally, done);
    if (result.done === 0) return { tally, left: changes.length - place, reason: result.reason ?? 'it was not sent' };
    await deps.pace.wait(place, deps.interrupted);
  }
  return { tally, left: changes.length - place, reason: undefined };
}

/** Tries a batch again that nothing of could be sent: what is wrong may pass. */
async function replayStubbornly(deps: ReplayDeps, changes: readonly ReadChange[]): Promise<BatchResult> {
  for (let attempt = 1; ; attempt++) {
    const result = await replayBatch(deps, changes);
    if (result.done > 0 || attempt === CLI_BOUNDS.BATCH_ATTEMPTS || deps.interrupted.aborted) return result;
    await backOff(attempt, { baseMs: CLI_BOUNDS.BATCH_BACKOFF_MS, capMs: CLI_BOUNDS.PROGRESS_LINE_MS });
  }
}
