import {
  type FunctionModel,
  type Json,
  type EventSourceMappingModel,
  type QueueModel,
  RuntimeSetupError,
  type TableModel,
} from '../model.ts';
import {
  at,
  type Fields,
  findFields,
  findFlagField,
  findTextField,
  getTextField,
  listFields,
  listTexts,
  numberIn,
  oneOf,
  refuseOthers,
  unsupported,
} from './fields.ts';
import { queueOf } from './queue-references.ts';
import { findFunctionByName } from './function-references.ts';
import type { BucketModel } from './read-buckets.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

/** Lambda's range and default of BatchSize for a DynamoDB stream. */
const BATCH_SIZE = { default: 100, minimum: 1, maximum: 10_000 };
/** Lambda's range and default of MaximumBatchingWindowInSeconds. */
const WINDOW_SECONDS = { default: 0, minimum: 0, maximum: 300 };
/** Lambda's range and default of ParallelizationFactor. */
const PARALLELIZATION = { default: 1, minimum: 1, maximum: 10 };
/** Lambda's range and default of MaximumRetryAttempts. */
const RETRY_ATTEMPTS = { default: -1, minimum: 0, maximum: 10_000, unlimited: -1 };
/** Lambda's range and default of MaximumRecordAgeInSeconds. */
const RECORD_AGE_SECONDS = { default: -1, minimum: 60, maximum: 604_800, unlimited: -1 };

/** Lambda's range and default of TumblingWindowInSeconds. */
const TUMBLING_SECONDS = { default: 0, minimum: 0, maximum: 900 };

/** Lambda's limit for the filters of one mapping: 5 by default, 10 on request. */
const FILTERS_MAXIMUM = 10;

/** The positions from which a new reader may begin. */
export const STARTING_POSITIONS = ['TRIM_HORIZON', 'LATEST'] as const;

const MAPPING_PROPERTIES = [
  'BatchSize',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'Enabled',
  'EventSourceArn',
  'FilterCriteria',
  'FunctionName',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'StartingPosition',
  'TumblingWindowInSeconds',
  // Without effect in a local run: metrics are not collected, data is not encrypted.
  'KmsKeyArn',
  'MetricsConfig',
  'Tags',
];

interface Surroundings {
  readonly tables: readonly TableModel[];
  readonly functions: readonly FunctionModel[];
  readonly buckets: readonly BucketModel[];
  readonly queues: readonly QueueModel[];
}

/** Returns the event source mappings of the template, with Lambda's defaults filled in. */
export function readMappings(
  template: ResolvedTemplate,
  surroundings: Surroundings,
): readonly EventSourceMappingModel[] {
  const mappings = template
    .readEach('AWS::Lambda::EventSourceMapping', (resource) =>
      queueOf(resource.properties, surroundings.queues) === undefined ? [readMapping(resource, surroundings)] : [],
    )
    .flat();
  refuseDuplicates(mappings);
  return mappings;
}

function readMapping(
  { logicalId, identity, properties }: Resource,
  surroundings: Surroundings,
): EventSourceMappingModel {
  refuseOthers(properties, MAPPING_PROPERTIES);
  const failure = readFailureDestination(properties, surroundings);
  return {
    logicalId,
    uuid: identity.ref,
    functionArn: mappedFunction(properties, surroundings.functions),
    streamArn: findStream(properties, 'EventSourceArn', surroundings.tables),
    startingPosition: oneOf(properties, 'StartingPosition', STARTING_POSITIONS),
    ...readPace(properties, BATCH_SIZE.default),
    bisectBatchOnFunctionError: findFlagField(properties, 'BisectBatchOnFunctionError') ?? false,
    reportBatchItemFailures: readResponseTypes(properties),
    filters: readFilters(properties),
    ...failure,
    enabled: findFlagField(properties, 'Enabled') ?? true,
  };
}

/** Returns the ARN of the mapping's function, which a template names by its name or its ARN. */
export function mappedFunction(properties: Fields, functions: readonly FunctionModel[]): string {
  const named = getTextField(properties, 'FunctionName');
  const found = findFunctionByName(functions, named);
  if (found !== undefined) return found.arn;
  throw new RuntimeSetupError(`${at(properties, 'FunctionName')}: ${named} is not a function of this template`);
}

/** Returns the batches and retries of a reader of a stream, with a default of its batch size. */
export const readPace = (properties: Fields, batchSize: number) => ({
  batchSize: numberIn(properties, 'BatchSize', { ...BATCH_SIZE, default: batchSize }),
  maximumBatchingWindowSeconds: numberIn(properties, 'MaximumBatchingWindowInSeconds', WINDOW_SECONDS),
  ...readParallelism(properties),
  maximumRetryAttempts: numberIn(properties, 'MaximumRetryAttempts', RETRY_ATTEMPTS),
  maximumRecordAgeSeconds: numberIn(properties, 'MaximumRecordAgeInSeconds', RECORD_AGE_SECONDS),
});

/** Returns the ARN of the stream that a property names. Throws RuntimeSetupError for any other source. */
export function findStream(properties: Fields, name: string, tables: readonly TableModel[]): string {
  const streamArn = getTextField(properties, name);
  if (tables.some((table) => table.streamArn === streamArn)) return streamArn;
  throw unsupported(
    at(properties, name),
    `an event source other than a stream or a queue of this template (${streamArn}) is not supported`,
  );
}

function readParallelism(
  properties: Fields,
): Pick<EventSourceMappingModel, 'parallelizationFactor' | 'tumblingWindowSeconds'> {
  const parallelizationFactor = numberIn(properties, 'ParallelizationFactor', PARALLELIZATION);
  const tumblingWindowSeconds = numberIn(properties, 'TumblingWindowInSeconds', TUMBLING_SECONDS);
  if (tumblingWindowSeconds === 0) return { parallelizationFactor };
  if (parallelizationFactor === 1) return { parallelizationFactor, tumblingWindowSeconds };
  throw new RuntimeSetupError(
    `${at(properties, 'TumblingWindowInSeconds')}: Lambda takes a tumbling window with a ParallelizationFactor of 1 only`,
  );
}

/** Returns whether the function reports the failed items of a batch. */
export function readResponseTypes(properties: Fields): boolean {
  const types = listTexts(properties, 'FunctionResponseTypes');
  const unknown = types.find((type) => type !== 'ReportBatchItemFailures');
  if (unknown === undefined) return types.length > 0;
  throw new RuntimeSetupError(`${at(properties, 'FunctionResponseTypes')}: ${unknown} is not known`);
}

/** Returns the patterns of the filters. */
export function readFilters(properties: Fields): readonly Json[] {
  const criteria = findFields(properties, 'FilterCriteria');
  const filters = criteria === undefined ? [] : listFields(criteria, 'Filters');
  if (filters.length <= FILTERS_MAXIMUM) return filters.map(parseFilter);
  throw new RuntimeSetupError(
    `${at(properties, 'FilterCriteria')} has ${filters.length} filters; allowed: ${FILTERS_MAXIMUM}`,
  );
}

function parseFilter(filter: Fields): Json {
  try {
    const pattern: Json = JSON.parse(getTextField(filter, 'Pattern'));
    return pattern;
  } catch (cause) {
    throw new RuntimeSetupError(`${at(filter, 'Pattern')}: invalid filter pattern definition`, { cause });
  }
}

function readFailureDestination(
  properties: Fields,
  { buckets, queues }: Surroundings,
): Pick<EventSourceMappingModel, 'failureBucket' | 'failureQueue'> {
  const config = findFields(properties, 'DestinationConfig');
  const onFailure = config && findFields(config, 'OnFailure');
  const destination = onFailure && findTextField(onFailure, 'Destination');
  if (destination === undefined) return {};
  const bucket = buckets.find(({ arn }) => arn === destination);
  if (bucket !== undefined) return { failureBucket: bucket.name };
  if (queues.some(({ arn }) => arn === destination)) return { failureQueue: destination };
  throw unsupported(
    at(properties, 'DestinationConfig'),
    `a destination other than a bucket or a queue of this template (${destination}) is not supported`,
  );
}

/** Throws when two mappings connect one stream to one function, which Lambda answers with a conflict. */
function refuseDuplicates(mappings: readonly EventSourceMappingModel[]): void {
  const seen = new Map<string, string>();
  for (const { logicalId, functionArn, streamArn } of mappings) {
    const pair = `${functionArn} ${streamArn}`;
    const other = seen.get(pair);
    if (other !== undefined)
      throw new RuntimeSetupError(`${logicalId} and ${other} map one stream to one function twice`);
    seen.set(pair, logicalId);
  }
}
