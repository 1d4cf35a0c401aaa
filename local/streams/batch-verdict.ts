import type { InvocationResult } from '../model.ts';

/** What an invocation's answer means for its batch. */
export type BatchVerdict =
  | { readonly kind: 'done' }
  /** Records before `index` (at least one) are done; the rest is tried again with a fresh budget. */
  | { readonly kind: 'progress'; readonly index: number }
  /** Nothing is done. `functionError` is what the failure record says: null when the function answered. */
  | { readonly kind: 'failed'; readonly functionError: 'Unhandled' | null; readonly divisible: boolean }
  /** Not the function's fault: tried again without counting. */
  | { readonly kind: 'not-run' };

export interface JudgedBatch {
  readonly result: InvocationResult;
  /** Of the batch, in order. */
  readonly streamSequenceNumbers: readonly string[];
  readonly reportBatchItemFailures: boolean;
}

/** The function answered, but with something that Lambda takes as a failure of the whole batch. */
const TOTAL_FAILURE: BatchVerdict = { kind: 'failed', functionError: null, divisible: true };

/** Lower than every place in a batch. */
const NOT_IN_BATCH = -1;

/** Reads an answer by Lambda's two tables of ReportBatchItemFailures. */
export function judgeBatch({ result, streamSequenceNumbers, reportBatchItemFailures }: JudgedBatch): BatchVerdict {
  if (result.outcome === 'service-error') return { kind: 'not-run' };
  if (result.outcome === 'function-error') return { kind: 'failed', functionError: 'Unhandled', divisible: true };
  const failures = reportBatchItemFailures ? failuresOf(result.payload) : undefined;
  if (failures === undefined || failures === null) return { kind: 'done' };
  if (!Array.isArray(failures)) return TOTAL_FAILURE;
  return judgeFailures(failures, streamSequenceNumbers);
}

/** From the lowest one named everything is tried again; one that is not in the batch fails all of it. */
function judgeFailures(failures: readonly unknown[], streamSequenceNumbers: readonly string[]): BatchVerdict {
  const places = new Map<unknown, number>(streamSequenceNumbers.map((number, index) => [number, index]));
  const indexes = failures.map((failure) => places.get(fieldOf(failure, 'itemIdentifier')) ?? NOT_IN_BATCH);
  if (indexes.length === 0) return { kind: 'done' };
  const lowest = indexes.reduce((least, index) => Math.min(least, index));
  if (lowest === NOT_IN_BATCH) return TOTAL_FAILURE;
  if (lowest > 0) return { kind: 'progress', index: lowest };
  // Split «at the returned number» leaves the whole batch: bisecting would not be what AWS does.
  return { kind: 'failed', functionError: null, divisible: false };
}

function failuresOf(payload: unknown): unknown {
  return fieldOf(payload, 'batchItemFailures');
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
