import { type FunctionModel, RuntimeSetupError } from '../model.ts';
import {
  at,
  type Fields,
  findFields,
  findTextField,
  getTextField,
  numberIn,
  refuseOthers,
  unsupported,
} from './fields.ts';
import { type CodePlaces, findCode } from './find-code.ts';
import { isQueue } from './queue-references.ts';
import { type Layers, layersOf, readLayers } from './read-layers.ts';
import type { Localize } from './local-endpoints.ts';
import type { ResolvedTemplate, Resource } from './resolve-template.ts';

/** The runtimes of Node.js that functions of Lambda run with. */
const RUNTIMES: ReadonlySet<string> = new Set(['nodejs18.x', 'nodejs20.x', 'nodejs22.x', 'nodejs24.x']);

/** Lambda's range and default of MemorySize, in MB. */
const MEMORY_MB = { default: 128, minimum: 128, maximum: 10_240 };
/** Lambda's range and default of Timeout, in seconds. */
const TIMEOUT_SECONDS = { default: 3, minimum: 1, maximum: 900 };

/** Lambda's limit for a function's environment in bytes, names and values together. */
const ENVIRONMENT_MAXIMUM_BYTES = 4_096;

/** The environment variables that Lambda reserves: it sets them and refuses them in a template. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

const FUNCTION_PROPERTIES = [
  'Code',
  'DeadLetterConfig',
  'Environment',
  'FunctionName',
  'Handler',
  'Layers',
  'LoggingConfig',
  'MemorySize',
  'Role',
  'Runtime',
  'Timeout',
  // Without effect in a local run: processor and disk are those of the machine, nothing is traced, and nobody else
  // shares the concurrency.
  'Architectures',
  'CodeSigningConfigArn',
  'Description',
  'EphemeralStorage',
  'KmsKeyArn',
  'ReservedConcurrentExecutions',
  'RuntimeManagementConfig',
  'Tags',
  'TracingConfig',
  'VpcConfig',
];

interface Surroundings extends CodePlaces {
  readonly localize: Localize;
}

/**
 * Returns the functions of the template, with the directories of their bundles, and environments that lead to this
 * machine.
 */
export function readFunctions(template: ResolvedTemplate, surroundings: Surroundings): readonly FunctionModel[] {
  const layers = readLayers(template, surroundings);
  return template.readEach('AWS::Lambda::Function', (resource) => readFunction(resource, { ...surroundings, layers }));
}

function readFunction(
  { logicalId, identity, properties }: Resource,
  surroundings: Surroundings & { readonly layers: Layers },
): FunctionModel {
  refuseOthers(properties, FUNCTION_PROPERTIES);
  const logging = findFields(properties, 'LoggingConfig');
  const layers = layersOf(properties, surroundings.layers);
  return {
    logicalId,
    name: identity.ref,
    arn: identity.attributes['Arn'] ?? '',
    codeDirectory: findCode(properties, surroundings),
    handler: getTextField(properties, 'Handler'),
    runtime: readRuntime(properties),
    ...(layers.length === 0 ? {} : { layers }),
    memoryMb: numberIn(properties, 'MemorySize', MEMORY_MB),
    timeoutSeconds: numberIn(properties, 'Timeout', TIMEOUT_SECONDS),
    environment: readEnvironment(properties, surroundings.localize),
    logGroupName: (logging && findTextField(logging, 'LogGroup')) ?? `/aws/lambda/${identity.ref}`,
    roleArn: getTextField(properties, 'Role'),
    ...readDeadLetters(properties),
  };
}

function readDeadLetters(properties: Fields): Pick<FunctionModel, 'deadLetterQueue'> {
  const config = findFields(properties, 'DeadLetterConfig');
  const target = config && findTextField(config, 'TargetArn');
  return target !== undefined && isQueue(target) ? { deadLetterQueue: target } : {};
}

function readRuntime(properties: Fields): string {
  const runtime = getTextField(properties, 'Runtime');
  if (RUNTIMES.has(runtime)) return runtime;
  const path = at(properties, 'Runtime');
  if (!runtime.startsWith('nodejs')) throw unsupported(path, `the runtime ${runtime} is not supported`);
  throw new RuntimeSetupError(
    `${path}: Lambda has no runtime ${runtime}, or none any more; known: ${[...RUNTIMES].join(', ')}`,
  );
}

function readEnvironment(properties: Fields, localize: Localize): FunctionModel['environment'] {
  const environment = findFields(properties, 'Environment');
  const variables = environment && findFields(environment, 'Variables');
  if (variables === undefined) return {};
  const entries = Object.keys(variables.values).map((name) => [name, getTextField(variables, name)] as const);
  refuseWhatLambdaRefuses(variables.path, entries);
  return Object.fromEntries(entries.map(([name, value]) => [name, localize(value)]));
}

/** Throws for an environment that Lambda would refuse. Measured with the public addresses, which AWS would see. */
function refuseWhatLambdaRefuses(path: string, entries: readonly (readonly [string, string])[]): void {
  const reserved = entries.find(([name]) => RESERVED_NAMES.has(name));
  if (reserved !== undefined) throw new RuntimeSetupError(`${path}.${reserved[0]} is reserved: Lambda sets it itself`);
  const bytes = entries.reduce((total, [name, value]) => total + Buffer.byteLength(name + value), 0);
  if (bytes <= ENVIRONMENT_MAXIMUM_BYTES) return;
  throw new RuntimeSetupError(`${path} has ${bytes} bytes; Lambda takes ${ENVIRONMENT_MAXIMUM_BYTES}`);
}
