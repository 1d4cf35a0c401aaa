import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { outputTail, parentDeathPrefix } from '../../local/child-process.ts';
import { BENCH_BOUNDS } from '../bounds.ts';

/** The root of the checkout that this file belongs to. */
export const HERE = resolve(import.meta.dirname, '..', '..');

/** The options of a runtime in separate processes. */
export interface RuntimeProcessOptions {
  readonly assembly: string;
  /** The port of the stage. Default: any free one. */
  readonly port?: number;
  /** The engine, for example the URL of a running one. Default: `dynoxide`. */
  readonly engine?: string;
  /** The checkout whose runtime is started. Default: this one. */
  readonly root?: string;
  /** Processes that accept connections in addition to the gateway. */
  readonly edges?: number;
}

/** A local runtime in separate processes. */
export interface RuntimeProcess {
  /** The URL of the stage, `ws://127.0.0.1:PORT/STAGE`. */
  readonly url: string;
  /** The URLs of the stage at the edges. */
  readonly edgeUrls: readonly string[];
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Starts the local runtime as `npm start` does, and resolves when clients can connect. */
export async function startRuntimeProcess(runtime: RuntimeProcessOptions): Promise<RuntimeProcess> {
  const { assembly, port = 0, root = HERE } = runtime;
  const [command, ...args] = [...parentDeathPrefix(), process.execPath, join(root, 'local/main.ts')];
  const child = spawn(command, [...args, ...optionsOf(runtime), '--port', String(port), '--assembly', assembly], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    return { ...(await readyUrls(child)), pid: child.pid ?? 0, stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

/** Returns the options that were set. Another revision may not know an option that is not needed. */
const optionsOf = ({ engine, edges }: RuntimeProcessOptions): string[] => [
  ...(engine === undefined ? [] : ['--engine', engine]),
  ...(edges === undefined ? [] : ['--edges', String(edges)]),
];

type Urls = Pick<RuntimeProcess, 'url' | 'edgeUrls'>;

function readyUrls(child: ChildProcess): Promise<Urls> {
  const said = outputTail([child.stdout, child.stderr]);
  const { promise, resolve, reject } = Promise.withResolvers<Urls>();
  const fail = (why: string): void => reject(new Error(`the local runtime ${why}: ${said()}`));
  const limit = setTimeout(() => fail('was not ready in time'), BENCH_BOUNDS.RUNTIME_START_MS);
  const look = (): void => {
    const [, url] = /^ready (\S+)$/m.exec(said()) ?? [];
    const edgeUrls = Array.from(said().matchAll(/^edge {2}(\S+)$/gm), ([, edgeUrl = '']) => edgeUrl);
    if (url !== undefined) resolve({ url, edgeUrls });
  };
  child.stdout?.on('data', look);
  child.once('exit', (code) => fail(`ended with ${code}`));
  return promise.finally(() => {
    clearTimeout(limit);
    child.stdout?.off('data', look);
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), BENCH_BOUNDS.RUNTIME_STOP_MS);
  await exited;
  clearTimeout(limit);
}

/** The addresses of a running local runtime's parts. */
interface RuntimeInfo {
  readonly endpoints: { readonly dynamodb: string; readonly s3: string; readonly callback: string };
  readonly outputs: Readonly<Record<string, string>>;
}

/** Requests the addresses from the local runtime at `url`, its WebSocket URL. */
export async function runtimeInfo(url: string): Promise<RuntimeInfo> {
  const response = await fetch(new URL('/_runtime', url.replace(/^ws/, 'http')));
  const info: RuntimeInfo = JSON.parse(await response.text());
  return info;
}
