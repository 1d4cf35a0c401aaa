import type { InvocationResult } from '../model.ts';

/** The meaning of an invocation's result for its batch. */
export type BatchVerdict =
  | { readonly kind: 'done' }
  /** The records before `index` (at least one) are done. The rest is retried with a fresh retry budget. */
  | { readonly kind: 'progress'; readonly index: number }
  /**
   * No record is done. `functionError` is the field of the failure record: null when the function returned a response.
   */
  | { readonly kind: 'failed'; readonly functionError: 'Unhandled' | null; readonly divisible: boolean }
  /** The function was not run. The batch is retried without counting an attempt. */
  | { readonly kind: 'not-run' };

/** A batch and the result of its invocation. */
export interface JudgedBatch {
  readonly result: InvocationResult;
  /** The sequence numbers of the batch's events, in order. */
  readonly sequenceNumbers: readonly string[];
  readonly reportBatchItemFailures: boolean;
}

/** The verdict on a response that Lambda takes as a failure of the whole batch. */
export const TOTAL_FAILURE: BatchVerdict = { kind: 'failed', functionError: null, divisible: true };

/** An index below all indexes of a batch. */
const NOT_IN_BATCH = -1;

/** Judges a batch by Lambda's two tables for ReportBatchItemFailures. */
export function judgeBatch({ result, sequenceNumbers, reportBatchItemFailures }: JudgedBatch): BatchVerdict {
  if (result.outcome === 'service-error') return { kind: 'not-run' };
  if (result.outcome === 'function-error') return { kind: 'failed', functionError: 'Unhandled', divisible: true };
  const failures = reportBatchItemFailures ? failuresOf(result.payload) : undefined;
  if (failures === undefined || failures === null) return { kind: 'done' };
  if (!Array.isArray(failures)) return TOTAL_FAILURE;
  return judgeFailures(failures, sequenceNumbers);
}

/**
 * Judges reported item failures. Everything from the lowest reported record on is retried; an identifier that is not in
 * the batch fails all of it.
 */
function judgeFailures(failures: readonly unknown[], sequenceNumbers: readonly string[]): BatchVerdict {
  const places = new Map<unknown, number>(sequenceNumbers.map((number, index) => [number, index]));
  const indexes = failures.map((failure) => places.get(fieldOf(failure, 'itemIdentifier')) ?? NOT_IN_BATCH);
  if (indexes.length === 0) return { kind: 'done' };
  const lowest = indexes.reduce((least, index) => Math.min(least, index));
  if (lowest === NOT_IN_BATCH) return TOTAL_FAILURE;
  if (lowest > 0) return { kind: 'progress', index: lowest };
  // A split "at the returned sequence number" leaves the whole batch, so AWS does not bisect it.
  return { kind: 'failed', functionError: null, divisible: false };
}

function failuresOf(payload: unknown): unknown {
  return fieldOf(payload, 'batchItemFailures');
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
