import { parseArgs } from 'node:util';
import { EDGE } from './gateway/edge-protocol.ts';
import { RuntimeSetupError } from './model.ts';

const DEFAULT_PORT = 4_000;

export const HELP = `Runs a synthesized CDK application on this machine: its tables, functions, streams and WebSocket API.

  npm start -- [options]

  --port N          port of the stage, of @connections and of the page (default: $PORT, else ${DEFAULT_PORT}; 0: any)
  --data DIR        keep tables, objects and checkpoints in DIR between runs (default: in memory, gone at the end)
  --engine NAME     dynoxide (default), dynamodb-local (needs Java 17), or the URL of a DynamoDB that runs already
  --assembly DIR    run this synthesized assembly (default: synthesize the app of cdk.json)
  --page DIR        serve this folder at / (a request for NAME.js gets NAME.ts, bundled)
  --edges N         N processes that take connections too, each on a port of its own: for more of them than one process
                    may have open files (ulimit -n). For each, one line says: edge ws://127.0.0.1:PORT/STAGE
  --latency MODE    fast (default): deliver as soon as a write is seen; aws: poll streams as rarely as Lambda does
  --verbose         show metrics too
  --help            this text

  Ctrl-C ends everything. When clients can connect, one line says: ready ws://127.0.0.1:PORT/STAGE`;

export interface Arguments {
  readonly port: number;
  readonly engine: string;
  readonly latency: 'fast' | 'aws';
  readonly edges: number;
  readonly verbose: boolean;
  readonly help: boolean;
  readonly dataDirectory: string | undefined;
  readonly assembly: string | undefined;
  readonly page: string | undefined;
}

/** Reads the command line. Throws RuntimeSetupError, which says what to do. */
export function readArguments(argv: readonly string[], environment: NodeJS.ProcessEnv): Arguments {
  const { values } = parse(argv);
  const latency = values.latency;
  if (latency !== 'fast' && latency !== 'aws') throw new RuntimeSetupError(`--latency is fast or aws, not ${latency}`);
  return {
    port: portOf(values.port ?? environment['PORT'] ?? String(DEFAULT_PORT)),
    engine: values.engine,
    latency,
    edges: edgesOf(values.edges),
    verbose: values.verbose,
    help: values.help,
    dataDirectory: values.data,
    assembly: values.assembly,
    page: values.page,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        engine: { type: 'string', default: 'dynoxide' },
        assembly: { type: 'string' },
        page: { type: 'string' },
        latency: { type: 'string', default: 'fast' },
        edges: { type: 'string', default: '0' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    throw new RuntimeSetupError(`${reason}. See npm start -- --help`, { cause });
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
