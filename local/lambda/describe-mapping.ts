import type { EventSourceMappingModel, QueueMappingModel } from '../model.ts';
import type { MappingControl } from '../switched-mapping.ts';

/** Milliseconds of a second: Lambda tells this time in seconds. */
const SECOND_MS = 1_000;

/** Returns the `EventSourceMappingConfiguration` of a mapping, in Lambda's order of members. */
export function mappingConfiguration({ model, state, lastModifiedMs, lastResult }: MappingControl, arnStart: string) {
  const isOfStream = 'streamArn' in model;
  return {
    UUID: model.uuid,
    ...(isOfStream ? { StartingPosition: model.startingPosition } : {}),
    BatchSize: model.batchSize,
    MaximumBatchingWindowInSeconds: model.maximumBatchingWindowSeconds,
    EventSourceArn: sourceOf(model),
    ...(model.filters.length === 0 ? {} : { FilterCriteria: filtersOf(model) }),
    FunctionArn: model.functionArn,
    LastModified: lastModifiedMs / SECOND_MS,
    ...(isOfStream ? { LastProcessingResult: lastResult } : {}),
    State: state,
    // Lambda has a text of each kind of source.
    StateTransitionReason: isOfStream ? 'User action' : 'USER_INITIATED',
    ...(isOfStream ? streamSettings(model, model.streamArn.split(':')[1]) : {}),
    FunctionResponseTypes: model.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    EventSourceMappingArn: `${arnStart}${model.uuid}`,
  };
}

/** Returns the ARN of the stream or the queue that a mapping reads. */
export function sourceOf(model: EventSourceMappingModel | QueueMappingModel): string {
  return 'streamArn' in model ? model.streamArn : model.queueArn;
}

function filtersOf({ filters }: EventSourceMappingModel | QueueMappingModel) {
  return { Filters: filters.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) };
}

function streamSettings(model: EventSourceMappingModel, partition = 'aws') {
  const { failureBucket, failureQueue } = model;
  const Destination =
    failureQueue ?? (failureBucket === undefined ? undefined : `arn:${partition}:s3:::${failureBucket}`);
  return {
    DestinationConfig: { OnFailure: Destination === undefined ? {} : { Destination } },
    ParallelizationFactor: model.parallelizationFactor,
    MaximumRecordAgeInSeconds: model.maximumRecordAgeSeconds,
    BisectBatchOnFunctionError: model.bisectBatchOnFunctionError,
    MaximumRetryAttempts: model.maximumRetryAttempts,
    TumblingWindowInSeconds: model.tumblingWindowSeconds ?? 0,
  };
}
