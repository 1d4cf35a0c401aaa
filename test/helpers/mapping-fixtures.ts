import type { InvocationResult, EventSourceMappingModel, Terminal } from '../../local/model.ts';
import type { LambdaRecord } from '../../local/streams/stream-record.ts';

const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:broadcast';
export const STREAM_ARN = 'arn:aws:dynamodb:eu-central-1:123456789012:table/Topics/stream/2026-11-20T00:00:00.000';

/** A mapping with Lambda's defaults. */
export function makeMapping(overrides: Partial<EventSourceMappingModel> = {}): EventSourceMappingModel {
  return {
    logicalId: 'Mapping',
    uuid: '11111111-2222-4333-8444-555555555555',
    functionArn: FUNCTION_ARN,
    streamArn: STREAM_ARN,
    startingPosition: 'TRIM_HORIZON',
    batchSize: 100,
    maximumBatchingWindowSeconds: 0,
    parallelizationFactor: 1,
    maximumRetryAttempts: -1,
    maximumRecordAgeSeconds: -1,
    bisectBatchOnFunctionError: false,
    reportBatchItemFailures: false,
    filters: [],
    enabled: true,
    ...overrides,
  };
}

/** A terminal that keeps what was said. */
export function makeTerminal(): Terminal & { readonly lines: string[] } {
  const lines: string[] = [];
  const say = (message: string): void => void lines.push(message);
  return { lines, info: say, warn: say, lambdaLog: () => undefined };
}

/** The records of an invocation's event. */
export function recordsOf(event: unknown): readonly LambdaRecord[] {
  if (!hasRecords(event)) throw new Error('not an event of a stream');
  return event.Records;
}

function hasRecords(event: unknown): event is { readonly Records: readonly LambdaRecord[] } {
  return typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);
}

let requests = 0;

export function success(payload: unknown = null): InvocationResult {
  return { outcome: 'success', requestId: nextRequestId(), payload };
}

export function functionError(): InvocationResult {
  return { outcome: 'function-error', requestId: nextRequestId(), errorType: 'Unhandled', errorMessage: 'scripted' };
}

export function serviceError(): InvocationResult {
  return { outcome: 'service-error', requestId: nextRequestId(), errorMessage: 'scripted' };
}

function nextRequestId(): string {
  requests += 1;
  return `request-${requests}`;
}
