import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { type FoundInstance, readInstance } from './instances.ts';
import { OperatorError, UsageError } from './operator-error.ts';
import { type OptionValues, textOption } from './options.ts';
import { duration } from './output.ts';
import { failureReason, unreachableBy } from './unreachable.ts';

const DEFAULT_PORT = '4000';

/** The stack that a command works on, and the one Distributary of it. */
export interface Stack extends FoundInstance {
  readonly isLocal: boolean;
  /** CloudFormation's name. Absent for the local runtime. */
  readonly stackName?: string;
  readonly region: string;
  /** The endpoints of the local runtime. Absent for a deployed stack: the SDK knows AWS's own. */
  readonly endpoints?: Readonly<Record<'dynamodb' | 's3' | 'callback', string>> & { readonly lambda?: string };
}

/** The input of finding a stack. */
export interface StackSearch {
  readonly values: OptionValues;
  readonly environment: NodeJS.ProcessEnv;
  /** Called with a remark for people while the local runtime is late. */
  readonly note: (text: string) => void;
  readonly bounds: FindBounds;
}

type FindBounds = Readonly<Record<'FIND_MS' | 'FIND_NOTE_MS', number>>;

/** Finds the stack that the options name, or the local runtime. Throws OperatorError. */
export async function findStack({ values, environment, ...waiting }: StackSearch): Promise<Stack> {
  const [name, region, url] = [textOption(values, 'stack'), textOption(values, 'region'), textOption(values, 'url')];
  if (name !== undefined && url !== undefined) throw new UsageError('Give --url or --stack, not both.');
  if (region !== undefined && name === undefined) throw new UsageError('--region belongs to --stack NAME.');
  const instance = textOption(values, 'instance');
  if (name !== undefined) return findDeployed(name, region ?? (environment['AWS_REGION'] || undefined), instance);
  return findLocal(url ?? `http://127.0.0.1:${environment['PORT'] || DEFAULT_PORT}`, { ...waiting, instance });
}

async function findDeployed(name: string, region: string | undefined, instance: string | undefined): Promise<Stack> {
  if (region === undefined) throw new UsageError(`Name the region of ${name}: --region eu-central-1, say.`);
  const client = new CloudFormationClient({ region });
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const outputs = Object.fromEntries(
      (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
    const title = `the stack ${name} in ${region}`;
    return { isLocal: false, stackName: name, region, ...readInstance(outputs, { title, instance }) };
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const remedy =
      unreachableBy(cause) === undefined
        ? 'Check its name, the region and your credentials.'
        : 'CloudFormation did not answer: check the region and your network, and try again.';
    throw new OperatorError(`The stack ${name} could not be read in ${region} (${reason}). ${remedy}`, { cause });
  } finally {
    client.destroy();
  }
}

interface LocalSearch extends Pick<StackSearch, 'note' | 'bounds'> {
  readonly instance: string | undefined;
}

async function findLocal(url: string, { note, bounds, instance }: LocalSearch): Promise<Stack> {
  const address = addressOf(url);
  const slow = setTimeout(() => note(waitingFor(url, bounds)), bounds.FIND_NOTE_MS);
  const info = await fetchInfo(address, url, bounds.FIND_MS).finally(() => clearTimeout(slow));
  if (!isRuntimeInfo(info)) throw new OperatorError(`The server at ${url} is not the local runtime: name its --url.`);
  const { region, endpoints, outputs } = info;
  return {
    isLocal: true,
    region,
    endpoints,
    ...readInstance(outputs, { title: `the local runtime at ${url}`, instance }),
  };
}

const waitingFor = (url: string, { FIND_MS, FIND_NOTE_MS }: FindBounds): string =>
  `The local runtime at ${url} has not answered in ${duration(FIND_NOTE_MS)}: waiting up to ${duration(FIND_MS)}.`;

/** Returns the address at which the runtime describes itself. Throws UsageError for an invalid URL. */
function addressOf(url: string): URL {
  try {
    const address = new URL('/_runtime', url.replace(/^ws/, 'http'));
    if (/^https?:$/.test(address.protocol)) return address;
  } catch {
    // Not a URL: said below.
  }
  throw new UsageError(`${url} is not the address of a local runtime, which is like http://127.0.0.1:${DEFAULT_PORT}.`);
}

/** Fetches the description of the runtime at an address; undefined when what answers is not a runtime. */
async function fetchInfo(address: URL, url: string, timeoutMs: number): Promise<unknown> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) });
    return response.ok ? parseInfo(await response.text()) : undefined;
  } catch (cause) {
    throw new OperatorError(notFound(url, cause), { cause });
  }
}

function parseInfo(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: another server.
    return undefined;
  }
}

const ANOTHER = 'name another by --url or PORT, or a deployed stack by --stack NAME --region R.';

/** Returns why a runtime could not be asked, and what to do: a runtime that is late runs and must not be started. */
function notFound(url: string, cause: unknown): string {
  switch (unreachableBy(cause)) {
    case 'refused':
      return `No local runtime is at ${url}: nobody listens there. Start it by \`npm start\` or \`npx distributary start\`, ${ANOTHER}`;
    case 'late':
      return `The local runtime at ${url} is late: somebody listens there, but did not answer in time. Try again when it has less to do, or ${ANOTHER}`;
    default:
      return `No local runtime could be reached at ${url} (${failureReason(cause)}). Check the address, or ${ANOTHER}`;
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
