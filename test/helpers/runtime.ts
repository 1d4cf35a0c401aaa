import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ASSEMBLY_VARIABLE } from './synthesize-once.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** A start that takes longer has failed. */
const START_MAXIMUM_MS = 100_000;

export interface RunningRuntime {
  /** `ws://127.0.0.1:PORT/live` */
  readonly url: string;
  /** `http://127.0.0.1:PORT/` */
  readonly page: string;
  readonly process: ChildProcess;
  /** All that it printed so far. */
  readonly output: () => string;
  /** Ends it as Ctrl-C does. Resolves to its exit code. */
  stop(): Promise<number | null>;
}

/** The assembly that the tests run. */
export function testAssembly(): string {
  const assembly = process.env[ASSEMBLY_VARIABLE];
  if (assembly === undefined)
    throw new Error('This test belongs to a folder of the project `system`: see jest.config.mjs.');
  return assembly;
}

/** Starts the runtime as `npm start` does, in a separate process, on any free port. */
export const startRuntime = (options: readonly string[] = []): Promise<RunningRuntime> =>
  spawnRuntime(['--page', 'web', '--assembly', testAssembly(), ...options], START_MAXIMUM_MS);

/** Starts the runtime with these options, on any free port. Rejects if it is not ready in time. */
export async function spawnRuntime(options: readonly string[], maximumMs: number): Promise<RunningRuntime> {
  const args = ['local/main.ts', '--port', '0', ...options];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const ready = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('ready ')) ready.resolve(line.slice('ready '.length));
    });
  }
  child.once('exit', (code) => ready.reject(new Error(`the runtime ended with ${code}:\n${lines.join('\n')}`)));
  const timer = setTimeout(() => ready.reject(new Error(`not ready:\n${lines.join('\n')}`)), maximumMs);
  const url = await ready.promise.finally(() => clearTimeout(timer));
  return {
    url,
    page: url.replace('ws:', 'http:').replace(/\/[^/]*$/, '/'),
    process: child,
    output: () => lines.join('\n'),
    stop: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  await exited;
  return child.exitCode;
}
