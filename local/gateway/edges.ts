import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { performServerHandshake, type ServerHttp2Session } from 'node:http2';
import { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { parentDeathPrefix } from '../child-process.ts';
import { RuntimeSetupError, type Terminal } from '../model.ts';
import { programPath } from '../program-path.ts';
import { EDGE, type EdgeArguments, type EdgeReport, PIPE, SOURCE_HEADER } from './edge-protocol.ts';

/**
 * A process that accepts connections for a gateway, because one process can hold only a limited number of open files.
 */
export interface Edge {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** The dependencies of edges. */
export interface EdgeDeps {
  /** Receives a connection that the edge has accepted, as if the gateway had accepted it. */
  readonly onConnection: (socket: Duplex) => void;
  readonly terminal: Terminal;
}

/** Starts edges: all of them or, with RuntimeSetupError, none. */
export async function startEdges(count: number, options: EdgeArguments, deps: EdgeDeps): Promise<Edge[]> {
  const started = await Promise.allSettled(Array.from({ length: count }, () => startEdge(options, deps)));
  const edges = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = started.find(({ status }) => status === 'rejected');
  if (failed?.status !== 'rejected') return edges;
  await Promise.all(edges.map((edge) => edge.close()));
  throw failed.reason;
}

/** Starts an edge. Rejects with RuntimeSetupError if it cannot listen. */
async function startEdge(options: EdgeArguments, deps: EdgeDeps): Promise<Edge> {
  const [command, ...args] = [
    ...parentDeathPrefix(),
    process.execPath,
    programPath('gateway/edge-process'),
    JSON.stringify(options),
  ];
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'ipc'] });
  // A process that could not be started counts as ended.
  const exited = once(child, 'exit').catch(() => undefined);
  let session: ServerHttp2Session | undefined;
  const warn = (code: number | null, signal: string | null): void =>
    deps.terminal.warn(`An edge has ended (${signal ?? code}). Its connections are closed, and so is its port.`);
  const close = async (): Promise<void> => {
    child.off('exit', warn);
    session?.destroy();
    child.kill('SIGKILL');
    await exited;
  };
  try {
    session = openSession(child, options, deps);
    const port = await readyPort(child);
    child.once('exit', warn);
    return { port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openSession(child: ChildProcess, { connections }: EdgeArguments, deps: EdgeDeps): ServerHttp2Session {
  // Missing if the process could not be started.
  const pipe = child.stdio?.[PIPE];
  if (!(pipe instanceof Duplex)) throw new RuntimeSetupError('An edge did not start: there is no pipe to it');
  const session = performServerHandshake(pipe, {
    maxSessionMemory: EDGE.sessionMegabytes,
    // All clients may disconnect at the same time: not an attack here.
    streamResetBurst: connections,
    streamResetRate: connections,
    settings: { initialWindowSize: EDGE.streamWindowBytes, maxConcurrentStreams: connections },
  });
  session.once('remoteSettings', () => session.setLocalWindowSize(EDGE.sessionWindowBytes));
  // The edge ends with its session, and its end is reported.
  session.on('error', () => session.destroy());
  session.on('stream', (stream, headers) => {
    // The reader sees 'close'; the error would add nothing.
    stream.on('error', () => stream.destroy());
    if (stream.closed || stream.destroyed) return;
    stream.respond({ ':status': 200 });
    deps.onConnection(Object.assign(stream, { remoteAddress: String(headers[SOURCE_HEADER]) }));
  });
  return session;
}

async function readyPort(child: ChildProcess): Promise<number> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    const report: EdgeReport = await Promise.race([
      once(child, 'message', { signal }).then(
        ([message]: EdgeReport[]) => message ?? { error: 'its report was empty' },
      ),
      once(child, 'exit', { signal }).then(() => ({ error: 'its process ended' })),
      delay(EDGE.startMs, { error: 'it was not ready in time' }, { signal }),
    ]);
    if ('port' in report) return report.port;
    throw new RuntimeSetupError(`An edge did not start: ${report.error}`);
  } finally {
    stop.abort();
  }
}
