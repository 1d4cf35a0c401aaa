import { parseArgs } from 'node:util';
import { EDGE } from './gateway/edge-protocol.ts';
import { RuntimeSetupError } from './model.ts';
import type { FaultPlan } from './faults/fault.ts';
import { readFaults } from './faults/read-faults.ts';
import { readOrigin } from './origin-guard.ts';
import { type ChangedLimits, readLimits } from './read-limits.ts';

/** Port of the stage when neither `--port` nor `PORT` names one. */
const DEFAULT_PORT = 4_000;

/** The way in which a command line starts the runtime. */
export interface StartingPoint {
  /** The command that people type, for the help and the errors: `npm start --`. */
  readonly command: string;
  /** The folder of the page when `--page` names none. Default: no page. */
  readonly page?: string;
  /** Returns the query with which the page of `page` finds the stage at a URL. Default: none. */
  readonly pageQuery?: (stageUrl: string) => string;
  /** Checks the assembly before it is run. Throws RuntimeSetupError for one that is not for this command. */
  readonly checkAssembly?: (directory: string) => void;
}

/** The default of `--page` where there is a page without it. */
const DEFAULT_PAGE = `
                    (default: a page with a counter and topics, to try the backend by)`;

/** The command of this repository. */
const NPM_START: StartingPoint = { command: 'npm start --' };

/** Returns the text of `--help`. */
export const runtimeHelp = ({
  command,
  page,
}: StartingPoint): string => `Runs a synthesized CDK application on this machine: its tables, functions, streams and
WebSocket API.

  ${command} [options]

  --port N          port of the stages of an API, of its @connections and of the page (default: $PORT, else
                    ${DEFAULT_PORT}; 0: any). Each further WebSocket API has the next port, and then each
                    further function URL
  --data DIR        keep tables, objects and checkpoints in DIR between runs (default: in memory, gone at the end)
  --engine NAME     dynoxide (default), dynamodb-local (needs Java 17), or the URL of a running DynamoDB endpoint
  --assembly PATH   run this synthesized assembly, given its directory, or this CloudFormation or SAM template, given
                    its file (default: synthesize the app of cdk.json)
  --parameter N=V   the value V of the template parameter N; may be given several times (default: the template's)
  --without ID      leave this resource out, given its logical id; may be given several times
  --partial         run what can be run: what the runtime does not support is named, and does not run
  --stack NAME      run this stack of the assembly; may be given several times (default: all)
  --page DIR        serve this folder at / (a request for NAME.js gets NAME.ts, bundled)${page === undefined ? '' : DEFAULT_PAGE}
  --edges N         N more processes for each API that accept connections, each on a separate port, for more
                    connections than one process may have open files (ulimit -n). Each prints a line:
                    edge ws://127.0.0.1:PORT/STAGE
  --origin ORIGIN   let web pages of this origin connect too, such as http://localhost:5173; may be given several times
                    (default: the runtime's own page, and every tool, since a tool sends no Origin)
  --auth            synthesize the app with authentication: its authorizer takes the tokens of this runtime's issuer,
                    which \`npx distributary token\` asks for
  --context N=V     synthesize the app with this context value, as -c of the CDK; may be given several times
  --latency MODE    fast (default): deliver as soon as a write is seen; aws: poll streams at Lambda's base rate
  --limits LIST     other limits than AWS's, such as idle=5s,lifetime=20s,message=8KB: times (ms, s, m, h) of idle,
                    lifetime, authorizer, init, warm; sizes (B, KB, MB) of message, frame, buffer, request, response;
                    counts of in-flight, environments
  --faults FILE     let calls of the functions fail as FILE says: see docs/local-runtime.md
  --verbose         show metrics too
  --help            show this text

  Each step of the start is a line: step WHAT. When clients can connect, this line is printed:
  ready ws://127.0.0.1:PORT/STAGE. Each further stage has a line before it: also ws://127.0.0.1:PORT/STAGE of API.
  Ctrl-C ends everything.`;

/** The options of the command line, with defaults filled in. */
export interface Arguments {
  readonly port: number;
  readonly engine: string;
  readonly latency: 'fast' | 'aws';
  readonly edges: number;
  /** Further origins whose web pages may use the runtime, in the form in which browsers send them. */
  readonly origins: readonly string[];
  /** Whether the app is synthesized with the context value `auth`, the parameters of the runtime's own issuer. */
  readonly auth: boolean;
  /** Context values for the synthesis, by name. Without effect on an assembly that is synthesized already. */
  readonly context: Readonly<Record<string, string>>;
  readonly verbose: boolean;
  readonly help: boolean;
  readonly dataDirectory: string | undefined;
  readonly assembly: string | undefined;
  /** The names of the stacks that run. Empty: all. */
  readonly stacks: readonly string[];
  /** The values of template parameters, as texts `NAME=VALUE`. */
  readonly parameters: readonly string[];
  /** The logical ids of resources that do not run. */
  readonly without: readonly string[];
  /** Whether the rest of the template runs where a part is not supported. */
  readonly partial: boolean;
  readonly page: string | undefined;
  readonly limits: ChangedLimits;
  readonly faults: FaultPlan | undefined;
}

/** Reads the command line. Throws RuntimeSetupError with a message for the user. */
export function readArguments(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  { command }: StartingPoint = NPM_START,
): Arguments {
  const { values } = parse(argv, command);
  const { latency, auth, assembly } = values;
  if (latency !== 'fast' && latency !== 'aws') throw new RuntimeSetupError(`--latency is fast or aws, not ${latency}`);
  if (auth && assembly !== undefined) {
    throw new RuntimeSetupError('--auth is for the app of cdk.json: an assembly of --assembly is synthesized already');
  }
  return {
    port: portOf(values.port ?? environment['PORT'] ?? String(DEFAULT_PORT)),
    engine: values.engine,
    latency,
    edges: edgesOf(values.edges),
    origins: values.origin.map(originOf),
    auth,
    context: Object.fromEntries(values.context.map(contextOf)),
    verbose: values.verbose,
    help: values.help,
    dataDirectory: values.data,
    assembly,
    stacks: values.stack,
    parameters: values.parameter,
    without: values.without,
    partial: values.partial,
    page: values.page,
    limits: readLimits(values.limits),
    faults: values.faults === undefined ? undefined : readFaults(values.faults),
  };
}

function parse(argv: readonly string[], command: string) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        engine: { type: 'string', default: 'dynoxide' },
        assembly: { type: 'string' },
        stack: { type: 'string', multiple: true, default: [] },
        parameter: { type: 'string', multiple: true, default: [] },
        without: { type: 'string', multiple: true, default: [] },
        partial: { type: 'boolean', default: false },
        page: { type: 'string' },
        origin: { type: 'string', multiple: true, default: [] },
        latency: { type: 'string', default: 'fast' },
        edges: { type: 'string', default: '0' },
        context: { type: 'string', multiple: true, default: [] },
        auth: { type: 'boolean', default: false },
        limits: { type: 'string', default: '' },
        faults: { type: 'string' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    throw new RuntimeSetupError(`${reason}. See ${command} --help`, { cause });
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new RuntimeSetupError(`${text} is not a port: a number from 0 to 65535`);
}

function edgesOf(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= EDGE.count) return Number(text);
  throw new RuntimeSetupError(`--edges is a number from 0 to ${EDGE.count}, not ${text}`);
}

function originOf(text: string): string {
  const origin = readOrigin(text);
  if (origin !== undefined) return origin;
  throw new RuntimeSetupError(`--origin is a scheme, a host and a port, such as http://localhost:5173, not ${text}`);
}

function contextOf(text: string): readonly [name: string, value: string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new RuntimeSetupError(`--context is NAME=VALUE, not ${text}`);
}
