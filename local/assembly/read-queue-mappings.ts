import { type FunctionModel, type QueueMappingModel, type QueueModel, RuntimeSetupError } from '../model.ts';
import { at, type Fields, findFields, findFlagField, numberIn, refuseOthers } from './fields.ts';
import { queueOf } from './queue-references.ts';
import { mappedFunction, readFilters, readResponseTypes } from './read-mappings.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

/** Lambda's ranges and defaults: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html. */
const BATCH_SIZE = { default: 10, minimum: 1, maximum: 10_000 };
const WINDOW_SECONDS = { default: 0, minimum: 0, maximum: 300 };
const CONCURRENCY = { default: 5, minimum: 2, maximum: 1_000 };

/** The largest batch of a queue whose messages are in order, or without a window. */
const SMALL_BATCH = 10;
/** The visibility timeout of a queue that sets none, in seconds. */
const DEFAULT_VISIBILITY_SECONDS = 30;

const PROPERTIES = [
  'BatchSize',
  'Enabled',
  'EventSourceArn',
  'FilterCriteria',
  'FunctionName',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'ScalingConfig',
  // Without effect in a local run.
  'KmsKeyArn',
  'MetricsConfig',
  'ProvisionedPollerConfig',
  'Tags',
];

interface Surroundings {
  readonly functions: readonly FunctionModel[];
  readonly queues: readonly QueueModel[];
}

/** Returns the event source mappings of the template whose source is a queue. */
export function readQueueMappings(
  template: ResolvedTemplate,
  surroundings: Surroundings,
): readonly QueueMappingModel[] {
  return template
    .readEach('AWS::Lambda::EventSourceMapping', (resource) => {
      const queue = queueOf(resource.properties, surroundings.queues);
      return queue === undefined ? [] : [readMapping(resource, queue, surroundings)];
    })
    .flat();
}

function readMapping(
  { logicalId, identity, properties }: Resource,
  queue: QueueModel,
  { functions }: Surroundings,
): QueueMappingModel {
  refuseOthers(properties, PROPERTIES);
  const functionArn = mappedFunction(properties, functions);
  checkVisibility(properties, queue, functions.find(({ arn }) => arn === functionArn)?.timeoutSeconds ?? 0);
  const scaling = findFields(properties, 'ScalingConfig');
  return {
    logicalId,
    uuid: identity.ref,
    functionArn,
    queueArn: queue.arn,
    batchSize: readBatchSize(properties, queue),
    maximumBatchingWindowSeconds: numberIn(properties, 'MaximumBatchingWindowInSeconds', WINDOW_SECONDS),
    maximumConcurrency:
      scaling === undefined ? CONCURRENCY.default : numberIn(scaling, 'MaximumConcurrency', CONCURRENCY),
    reportBatchItemFailures: readResponseTypes(properties),
    filters: readFilters(properties),
    enabled: findFlagField(properties, 'Enabled') ?? true,
  };
}

/** Returns the batch size. Throws for one that Lambda refuses. */
function readBatchSize(properties: Fields, { attributes }: QueueModel): number {
  const size = numberIn(properties, 'BatchSize', BATCH_SIZE);
  const window = numberIn(properties, 'MaximumBatchingWindowInSeconds', WINDOW_SECONDS);
  const isFifo = attributes['FifoQueue'] === 'true';
  if (size <= SMALL_BATCH || (!isFifo && window > 0)) return size;
  throw new RuntimeSetupError(
    `${at(properties, 'BatchSize')} is ${size}: a batch of more than ${SMALL_BATCH} messages needs a queue without order ` +
      'and MaximumBatchingWindowInSeconds of at least 1',
  );
}

/** Throws where a message would be visible again while its function may still run. Lambda creates no such mapping. */
function checkVisibility(properties: Fields, { attributes }: QueueModel, timeoutSeconds: number): void {
  const visibility = Number(attributes['VisibilityTimeout'] ?? DEFAULT_VISIBILITY_SECONDS);
  if (visibility >= timeoutSeconds) return;
  throw new RuntimeSetupError(
    `${at(properties, 'EventSourceArn')}: Queue visibility timeout: ${visibility} seconds is less than Function timeout: ` +
      `${timeoutSeconds} seconds`,
  );
}
