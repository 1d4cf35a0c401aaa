import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { findDynoxide } from '../../local/engine/start-dynoxide.ts';

/** A real engine process. */
export interface Dynoxide {
  readonly endpoint: string;
  readonly port: number;
  /** Ends it at once, as a crash would. */
  readonly kill: () => Promise<void>;
}

export interface DynoxideOptions {
  /** Keeps the tables and the streams; in memory without it. */
  readonly databaseFile?: string;
  /** A port that was free a moment ago by default; name it to start again at the same place. */
  readonly port?: number;
}

/** Options for any SDK client against the engine; one attempt, so that a test sees each failure. */
export function engineClientOptions({ endpoint }: Pick<Dynoxide, 'endpoint'>): {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  maxAttempts: number;
} {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 };
}

/** Starts the engine and resolves when it listens. */
export async function startDynoxide(options: DynoxideOptions = {}): Promise<Dynoxide> {
  const port = options.port ?? (await findFreePort());
  const kept = options.databaseFile === undefined ? [] : ['--db-path', options.databaseFile];
  const child = spawn(binary(), ['serve', '--host', '127.0.0.1', '--port', String(port), ...kept], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await listening(child);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { endpoint: `http://127.0.0.1:${port}`, port, kill };
}

function binary(): string {
  const found = findDynoxide();
  if (found === undefined) throw new Error('dynoxide is not built for this machine');
  return found;
}

/** The rest of its output is read and dropped, so that the pipe never fills. */
function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`dynoxide ended with code ${code} before it listened`)));
    if (child.stderr === null) return reject(new Error('dynoxide has no stderr'));
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.includes('listening')) resolve();
    });
  });
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
