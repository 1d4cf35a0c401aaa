import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CLI_BOUNDS } from './bounds.ts';
import { OperatorError, UsageError } from './operator-error.ts';
import { type OptionValues, textOption } from './options.ts';

const DEFAULT_PORT = '4000';

/** The stack that a command works on. */
export interface Stack {
  /** The name for people. */
  readonly name: string;
  readonly isLocal: boolean;
  /** CloudFormation's name. Absent for the local runtime. */
  readonly stackName?: string;
  readonly region: string;
  readonly resources: StackResources;
  /** The endpoints of the local runtime. Absent for a deployed stack: the SDK knows AWS's own. */
  readonly endpoints?: Readonly<Record<'dynamodb' | 's3' | 'callback', string>>;
}

/** The stack's outputs. */
export type StackResources = Readonly<Record<keyof typeof OUTPUTS, string>>;

const OUTPUTS = {
  webSocketUrl: 'WebSocketUrl',
  callbackUrl: 'CallbackUrl',
  topicsTable: 'TopicsTable',
  messagesTable: 'MessagesTable',
  keysTable: 'KeysTable',
  subscriptionsTable: 'SubscriptionsTable',
  failuresBucket: 'FailuresBucket',
  messageRetentionHours: 'MessageRetentionHours',
} as const;

/** Finds the stack that the options name, or the local runtime. Throws OperatorError. */
export function findStack(values: OptionValues, environment: NodeJS.ProcessEnv): Promise<Stack> {
  const [name, region, url] = [textOption(values, 'stack'), textOption(values, 'region'), textOption(values, 'url')];
  if (name !== undefined && url !== undefined) throw new UsageError('Give --url or --stack, not both.');
  if (region !== undefined && name === undefined) throw new UsageError('--region belongs to --stack NAME.');
  if (name !== undefined) return findDeployed(name, region ?? environment['AWS_REGION']);
  return findLocal(url ?? `http://127.0.0.1:${environment['PORT'] ?? DEFAULT_PORT}`);
}

async function findDeployed(name: string, region: string | undefined): Promise<Stack> {
  if (region === undefined) throw new UsageError(`Name the region of ${name}: --region eu-central-1, say.`);
  const client = new CloudFormationClient({ region });
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const outputs = Object.fromEntries(
      (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
    const title = `the stack ${name} in ${region}`;
    return { name: title, isLocal: false, stackName: name, region, resources: readOutputs(outputs, title) };
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new OperatorError(
      `The stack ${name} could not be read in ${region} (${reason}). Check its name, the region and your credentials.`,
      { cause },
    );
  } finally {
    client.destroy();
  }
}

async function findLocal(url: string): Promise<Stack> {
  const info = await fetchInfo(url);
  const name = `the local runtime at ${url}`;
  if (!isRuntimeInfo(info)) throw new OperatorError(`The server at ${url} is not the local runtime: name its --url.`);
  return {
    name,
    isLocal: true,
    region: info.region,
    endpoints: info.endpoints,
    resources: readOutputs(info.outputs, name),
  };
}

async function fetchInfo(url: string): Promise<unknown> {
  try {
    const address = new URL('/_runtime', url.replace(/^ws/, 'http'));
    const response = await fetch(address, { signal: AbortSignal.timeout(CLI_BOUNDS.FIND_MS) });
    return response.ok ? await response.json() : undefined;
  } catch (cause) {
    throw new OperatorError(
      `No local runtime answers at ${url}. Start it by \`npm start\`, name another by --url or PORT, or a deployed stack by --stack NAME --region R.`,
      { cause },
    );
  }
}

interface RuntimeInfo {
  readonly region: string;
  readonly endpoints: NonNullable<Stack['endpoints']>;
  readonly outputs: Readonly<Record<string, string>>;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isRuntimeInfo = (value: unknown): value is RuntimeInfo =>
  isRecord(value) &&
  typeof value['region'] === 'string' &&
  isRecord(value['outputs']) &&
  isRecord(value['endpoints']) &&
  ['dynamodb', 's3', 'callback'].every((name) => isRecord(value['endpoints']) && name in value['endpoints']);

function readOutputs(outputs: Readonly<Record<string, string>>, name: string): StackResources {
  const missing = Object.values(OUTPUTS).filter((output) => !outputs[output]);
  if (missing.length > 0) {
    throw new OperatorError(
      `In ${name} the outputs ${missing.join(', ')} are missing: deploy it again from this version.`,
    );
  }
  const output = (key: keyof typeof OUTPUTS): string => outputs[OUTPUTS[key]] ?? '';
  return {
    webSocketUrl: output('webSocketUrl'),
    callbackUrl: output('callbackUrl'),
    topicsTable: output('topicsTable'),
    messagesTable: output('messagesTable'),
    keysTable: output('keysTable'),
    subscriptionsTable: output('subscriptionsTable'),
    failuresBucket: output('failuresBucket'),
    messageRetentionHours: output('messageRetentionHours'),
  };
}
