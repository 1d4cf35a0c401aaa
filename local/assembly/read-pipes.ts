import type { PipeTarget } from '../integration-model.ts';
import {
  type FunctionModel,
  type PipeModel,
  type QueueModel,
  RuntimeSetupError,
  type TableModel,
  type TopicModel,
} from '../model.ts';
import { asFields, at, type Fields, findFields, getTextField, oneOf, refuseOthers, unsupported } from './fields.ts';
import { findFunctionByName } from './function-references.ts';
import { findStream, readFilters, readPace, STARTING_POSITIONS } from './read-mappings.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

/** The properties of a pipe that are taken. Logs, keys and tags have no effect in a local run. */
const PIPE_PROPERTIES = [
  'Description',
  'DesiredState',
  'KmsKeyIdentifier',
  'LogConfiguration',
  'Name',
  'RoleArn',
  'Source',
  'SourceParameters',
  'Tags',
  'Target',
];

const STREAM_PARAMETERS = [
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'OnPartialBatchItemFailure',
  'ParallelizationFactor',
  'StartingPosition',
];

/** The records of a batch, if a pipe does not say: each alone. */
const BATCH_SIZE = 1;

interface Surroundings {
  readonly tables: readonly TableModel[];
  readonly functions: readonly FunctionModel[];
  readonly queues: readonly QueueModel[];
  readonly topics: readonly TopicModel[];
}

/** Returns the pipes of the template. Throws RuntimeSetupError for one from or to what is not here. */
export const readPipes = (template: ResolvedTemplate, surroundings: Surroundings): readonly PipeModel[] =>
  template.readEach('AWS::Pipes::Pipe', (pipe) => readPipe(pipe, surroundings));

function readPipe({ logicalId, identity, properties }: Resource, surroundings: Surroundings): PipeModel {
  const target = readTarget(properties, logicalId, surroundings);
  refuseOthers(properties, PIPE_PROPERTIES);
  const { parameters, filters } = readSource(properties);
  const isRunning =
    properties.values['DesiredState'] === undefined || oneOf(properties, 'DesiredState', STATES) === 'RUNNING';
  const arn = identity.attributes['Arn'] ?? '';
  return {
    name: identity.ref,
    roleArn: getTextField(properties, 'RoleArn'),
    source: {
      logicalId,
      uuid: arn,
      functionArn: arn,
      streamArn: findStream(properties, 'Source', surroundings.tables),
      startingPosition: oneOf(parameters, 'StartingPosition', STARTING_POSITIONS),
      ...readPace(parameters, BATCH_SIZE),
      bisectBatchOnFunctionError: parameters.values['OnPartialBatchItemFailure'] === 'AUTOMATIC_BISECT',
      reportBatchItemFailures: true,
      filters,
      enabled: isRunning,
    },
    target,
  };
}

const STATES = ['RUNNING', 'STOPPED'] as const;

function readSource(pipe: Fields) {
  const source = findFields(pipe, 'SourceParameters') ?? asFields({}, at(pipe, 'SourceParameters'));
  refuseOthers(source, ['DynamoDBStreamParameters', 'FilterCriteria']);
  const parameters =
    findFields(source, 'DynamoDBStreamParameters') ?? asFields({}, at(source, 'DynamoDBStreamParameters'));
  refuseOthers(parameters, STREAM_PARAMETERS);
  return { parameters, filters: readFilters(source) };
}

function readTarget(pipe: Fields, logicalId: string, { functions, queues, topics }: Surroundings): PipeTarget {
  const arn = getTextField(pipe, 'Target');
  const [fn, queue] = [findFunctionByName(functions, arn), queues.find((one) => one.arn === arn)];
  if (arn.endsWith('.fifo')) throw unsupported(at(pipe, 'Target'), `a FIFO target (${arn}) is not supported`);
  if (fn !== undefined) return { kind: 'lambda', functionArn: fn.arn, arn };
  if (queue !== undefined) return { kind: 'sqs', queueName: queue.name, arn };
  if (topics.some((one) => one.arn === arn)) return { kind: 'sns', arn };
  const words = `a target other than a function, a queue or a topic of this template (${arn}) is not supported`;
  const { message } = unsupported(at(pipe, 'Target'), words);
  throw new RuntimeSetupError(`${message}: --without ${logicalId} leaves the pipe out`);
}
