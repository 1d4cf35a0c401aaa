import { backOff } from '../../shared/backoff.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { ReadChange } from '../stream/topic-record.ts';
import type { Pace } from './pace.ts';
import { type BatchDeps, type BatchResult, replayBatch } from './replay-batch.ts';
import { add, NOTHING, type Tally } from './tally.ts';

/** The dependencies of a replay. */
export interface ReplayDeps extends BatchDeps {
  readonly pace: Pace;
  readonly interrupted: AbortSignal;
  /** Called after each batch and before the next, with the changes that it has sent. */
  readonly onProgress: (tally: Tally, changes: readonly ReadChange[]) => Promise<void>;
}

/** The result of a replay. */
export interface ReplayResult {
  readonly tally: Tally;
  /** The number of changes that were not sent. */
  readonly left: number;
  /** The reason why some are left; undefined after an interrupt. */
  readonly reason: string | undefined;
}

/** Sends changes in order, batch by batch, until all are sent, an interrupt, or a batch of which none could be sent. */
export async function runReplay(deps: ReplayDeps, changes: readonly ReadChange[]): Promise<ReplayResult> {
  let tally = NOTHING;
  let sent = 0;
  while (sent < changes.length && !deps.interrupted.aborted) {
    const result = await replayWithRetry(deps, changes.slice(sent, sent + deps.pace.batchRecords));
    const done = changes.slice(sent, sent + result.done);
    tally = add(tally, result.tally);
    sent += result.done;
    await deps.onProgress(tally, done);
    if (result.done === 0) return { tally, left: changes.length - sent, reason: result.reason ?? 'it was not sent' };
    await deps.pace.wait(sent, deps.interrupted);
  }
  return { tally, left: changes.length - sent, reason: undefined };
}

/** Retries a batch while none of it could be sent: the cause may be transient. */
async function replayWithRetry(deps: ReplayDeps, changes: readonly ReadChange[]): Promise<BatchResult> {
  for (let attempt = 1; ; attempt++) {
    const result = await replayBatch(deps, changes);
    if (result.done > 0 || attempt === CLI_BOUNDS.BATCH_ATTEMPTS || deps.interrupted.aborted) return result;
    await backOff(attempt, { baseMs: CLI_BOUNDS.BATCH_BACKOFF_MS, capMs: CLI_BOUNDS.PROGRESS_LINE_MS });
  }
}
