import type { InvocationResult } from '../model.ts';
import { type BatchVerdict, judgeBatch } from './batch-verdict.ts';
import type { Pause } from './clock.ts';
import { type FailureWriter, createFailureWriter } from './failure-writer.ts';
import type { MappingContext } from './mapping-context.ts';
import { retryDelayMs } from './poll-tuning.ts';
import type { StreamRecord } from './stream-record.ts';

/** The stream keeps nothing longer, whatever the mapping says. */
const RETENTION_SECONDS = 24 * 60 * 60;
const MS_PER_SECOND = 1_000;
/** MaximumRetryAttempts and MaximumRecordAgeInSeconds: no limit of their own. */
const UNLIMITED = -1;

export interface BatchRunner {
  /** Ends when every record is done or given up, or when the mapping stops. */
  readonly run: (records: readonly StreamRecord[]) => Promise<void>;
}

export interface BatchRunnerOptions {
  readonly shardId: string;
  /** Ended by the lane's stop. */
  readonly pause: Pause;
  /** Handled for good: by the function or by the failure bucket. */
  readonly finish: (records: readonly StreamRecord[]) => void;
}

/** A part of a batch on its way through invocations. */
interface Attempt {
  readonly records: readonly StreamRecord[];
  /** Failed invocations of the function since the last progress: what MaximumRetryAttempts counts. */
  readonly invokeCount: number;
  /** In a row, for the backoff. */
  readonly failures: number;
  readonly last?: { readonly requestId: string; readonly functionError: 'Unhandled' | null };
}

type Failure = Extract<BatchVerdict, { kind: 'failed' }>;

/** Runs a lane's batches: retries, bisects, gives up, exactly in order. */
export function createBatchRunner(options: BatchRunnerOptions, context: MappingContext): BatchRunner {
  const parts = { options, context, writer: createFailureWriter(options, context) };
  const run = async (records: readonly StreamRecord[]): Promise<void> => {
    // A stack, first records on top; bisecting puts two for one, so that it stays below log2(BatchSize) + 2.
    const todo: Attempt[] = [{ records, invokeCount: 0, failures: 0 }];
    for (let next = todo.pop(); next !== undefined && !context.stopping.aborted; next = todo.pop()) {
      todo.push(...(await step(next, parts)).toReversed());
    }
  };
  return { run };
}

interface Parts {
  readonly options: BatchRunnerOptions;
  readonly context: MappingContext;
  readonly writer: FailureWriter;
}

/** One invocation, or the giving up of what has grown too old; returns what is left to do, in order. */
async function step(attempt: Attempt, parts: Parts): Promise<readonly Attempt[]> {
  const tooOld = countTooOld(attempt.records, parts.context);
  if (tooOld > 0) return giveUpTooOld(attempt, tooOld, parts);
  const { context } = parts;
  const event = { Records: attempt.records.map((record) => record.event) };
  const result = await context.invoke(context.mapping.functionArn, event);
  return context.ended.aborted ? [] : settle(attempt, result, parts);
}

async function settle(attempt: Attempt, result: InvocationResult, parts: Parts): Promise<readonly Attempt[]> {
  const { records } = attempt;
  const verdict = judgeBatch({
    result,
    streamSequenceNumbers: records.map((record) => record.streamSequenceNumber),
    reportBatchItemFailures: parts.context.mapping.reportBatchItemFailures,
  });
  if (verdict.kind === 'failed') return afterFailure(attempt, { ...verdict, requestId: result.requestId }, parts);
  if (verdict.kind === 'not-run') return later({ ...attempt, failures: attempt.failures + 1 }, parts);
  const done = verdict.kind === 'done' ? records.length : verdict.index;
  parts.options.finish(records.slice(0, done));
  if (done === records.length) return [];
  return later({ records: records.slice(done), invokeCount: 0, failures: 1 }, parts);
}

async function afterFailure(
  attempt: Attempt,
  { functionError, divisible, requestId }: Failure & { readonly requestId: string },
  parts: Parts,
): Promise<readonly Attempt[]> {
  const { bisectOnError, maximumRetryAttempts } = parts.context.mapping;
  // Splits do not count, and are tried at once: there are fewer than the batch has records.
  if (bisectOnError && divisible && attempt.records.length > 1) return halves(attempt);
  const invokeCount = attempt.invokeCount + 1;
  const failed: Attempt = {
    ...attempt,
    invokeCount,
    failures: attempt.failures + 1,
    last: { requestId, functionError },
  };
  if (maximumRetryAttempts === UNLIMITED || invokeCount <= maximumRetryAttempts) return later(failed, parts);
  await giveUp(failed, 'RetryAttemptsExhausted', parts);
  return [];
}

function halves(attempt: Attempt): readonly Attempt[] {
  const middle = Math.ceil(attempt.records.length / 2);
  return [attempt.records.slice(0, middle), attempt.records.slice(middle)].map((records) => ({ ...attempt, records }));
}

async function later(attempt: Attempt, { options, context }: Parts): Promise<readonly Attempt[]> {
  if (context.stopping.aborted) return [];
  await options.pause.wait(retryDelayMs(attempt.failures, context.tuning, context.random));
  return [attempt];
}

async function giveUpTooOld(attempt: Attempt, count: number, parts: Parts): Promise<readonly Attempt[]> {
  await giveUp({ ...attempt, records: attempt.records.slice(0, count) }, 'RecordAgeExceeded', parts);
  const rest = attempt.records.slice(count);
  return rest.length === 0 ? [] : [{ ...attempt, records: rest }];
}

async function giveUp(
  { records, invokeCount, last }: Attempt,
  condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded',
  { options, context, writer }: Parts,
): Promise<void> {
  const requestId = last?.requestId ?? context.randomUUID();
  const functionError = last?.functionError ?? null;
  const written = await writer.write({ condition, records, invokeCount, requestId, functionError });
  if (written && !context.ended.aborted) options.finish(records);
}

/** How many of the first records have passed MaximumRecordAgeInSeconds or the stream's retention. */
function countTooOld(records: readonly StreamRecord[], { mapping, clock }: MappingContext): number {
  const limit = mapping.maximumRecordAgeSeconds;
  const seconds = limit === UNLIMITED ? RETENTION_SECONDS : Math.min(limit, RETENTION_SECONDS);
  const oldestMs = clock.now() - seconds * MS_PER_SECOND;
  const firstYoung = records.findIndex((record) => record.createdAtMs >= oldestMs);
  return firstYoung === -1 ? records.length : firstYoung;
}
