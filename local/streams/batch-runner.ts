import type { InvocationResult } from '../model.ts';
import { type BatchVerdict, judgeBatch, TOTAL_FAILURE } from './batch-verdict.ts';
import type { Pause } from './clock.ts';
import { type FailureWriter, createFailureWriter } from './failure-writer.ts';
import type { MappingContext } from './mapping-context.ts';
import { retryDelayMs } from './poll-tuning.ts';
import type { StreamRecord } from './stream-record.ts';
import type { TumblingWindows } from './tumbling-windows.ts';

/** The stream's retention in seconds, 24 hours: a limit of the record age, whatever the mapping sets. */
const RETENTION_SECONDS = 24 * 60 * 60;
const MS_PER_SECOND = 1_000;
/** The value of MaximumRetryAttempts and MaximumRecordAgeInSeconds that sets no limit. */
const UNLIMITED = -1;

/** A runner of one lane's batches. */
export interface BatchRunner {
  /** Runs a batch. Resolves when every record is done or given up, or when the mapping stops. */
  readonly run: (records: readonly StreamRecord[]) => Promise<void>;
}

/** The options of a batch runner. */
export interface BatchRunnerOptions {
  readonly shardId: string;
  /** The pause before a retry, ended by the lane's `stop`. */
  readonly pause: Pause;
  readonly windows: TumblingWindows;
  /** Called with records that need no more work: the function has processed them, or they are in the failure bucket. */
  readonly finish: (records: readonly StreamRecord[]) => void;
}

/** A batch, or a part of one, with its failed invocations. */
interface Attempt {
  readonly records: readonly StreamRecord[];
  /** Failed invocations since the last progress, as MaximumRetryAttempts counts them. */
  readonly invokeCount: number;
  /** Consecutive failures, for the backoff. */
  readonly failures: number;
  readonly last?: { readonly requestId: string; readonly functionError: 'Unhandled' | null };
}

type Failure = Extract<BatchVerdict, { kind: 'failed' }>;

/** Creates a runner of a lane's batches, which retries, bisects and gives up, in the order of the records. */
export function createBatchRunner(options: BatchRunnerOptions, context: MappingContext): BatchRunner {
  const parts = { options, context, writer: createFailureWriter(options, context) };
  const run = async (records: readonly StreamRecord[]): Promise<void> => {
    // A stack with the first records on top. Bisecting replaces one entry by two, so it stays below log2(BatchSize) + 2.
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

/** Invokes the function once, or gives up the records that are too old. Returns the remaining attempts, in order. */
async function step(attempt: Attempt, parts: Parts): Promise<readonly Attempt[]> {
  const tooOld = countTooOld(attempt.records, parts.context);
  if (tooOld > 0) return giveUpTooOld(attempt, tooOld, parts);
  const { context, options } = parts;
  const result = await context.invoke(context.mapping.functionArn, options.windows.eventOf(attempt.records));
  return context.ended.aborted ? [] : settle(attempt, result, parts);
}

async function settle(attempt: Attempt, result: InvocationResult, parts: Parts): Promise<readonly Attempt[]> {
  const { records } = attempt;
  const judged = judgeBatch({
    result,
    sequenceNumbers: records.map(({ event }) => event.dynamodb.SequenceNumber),
    reportBatchItemFailures: parts.context.mapping.reportBatchItemFailures,
  });
  const verdict = await withState(judged, result, parts.options.windows);
  if (verdict.kind === 'failed') return afterFailure(attempt, { ...verdict, requestId: result.requestId }, parts);
  if (verdict.kind === 'not-run') return later({ ...attempt, failures: attempt.failures + 1 }, parts);
  const done = verdict.kind === 'done' ? records.length : verdict.index;
  parts.options.finish(records.slice(0, done));
  if (done === records.length) return [];
  return later({ records: records.slice(done), invokeCount: 0, failures: 1 }, parts);
}

/**
 * Keeps the state of what was done of a batch, and ends its window early if the state has grown too large. A response
 * without a state is a failure.
 */
async function withState(
  verdict: BatchVerdict,
  result: InvocationResult,
  windows: TumblingWindows,
): Promise<BatchVerdict> {
  const isDone = result.outcome === 'success' && (verdict.kind === 'done' || verdict.kind === 'progress');
  if (!isDone) return verdict;
  if (!windows.keepState(result.payload)) return TOTAL_FAILURE;
  if (windows.isTooLarge()) await windows.end();
  return verdict;
}

async function afterFailure(
  attempt: Attempt,
  { functionError, divisible, requestId }: Failure & { readonly requestId: string },
  parts: Parts,
): Promise<readonly Attempt[]> {
  const { bisectBatchOnFunctionError, maximumRetryAttempts } = parts.context.mapping;
  // Splits do not count as retries and have no delay: there are fewer of them than records in the batch.
  if (bisectBatchOnFunctionError && divisible && attempt.records.length > 1) return halves(attempt);
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

/** Returns how many of the first records have passed MaximumRecordAgeInSeconds or the stream's retention. */
function countTooOld(records: readonly StreamRecord[], { mapping, clock }: MappingContext): number {
  const limit = mapping.maximumRecordAgeSeconds;
  const seconds = limit === UNLIMITED ? RETENTION_SECONDS : Math.min(limit, RETENTION_SECONDS);
  const oldestMs = clock.now() - seconds * MS_PER_SECOND;
  const firstYoung = records.findIndex((record) => record.createdAtMs >= oldestMs);
  return firstYoung === -1 ? records.length : firstYoung;
}
