import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { outputTail, parentDeathPrefix } from '../child-process.ts';
import { STOP_MAXIMUM_MS } from './engine.ts';

/** Time in ms between SIGTERM and SIGKILL, so that the engine can write its data to the file. */
const TERMINATION_GRACE_MS = STOP_MAXIMUM_MS - 500;

/** The command that runs an engine. */
export interface EngineCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
}

/** A child process that ends with this process. */
export interface EngineProcess {
  readonly processId: number | undefined;
  readonly isRunning: () => boolean;
  /** Returns the last characters of its output. */
  readonly said: () => string;
  /** Resolves to the exit code, signal or error when the process has ended. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** Starts an engine that dies with this process, as far as the system supports it. */
export function startProcess({ command, args, cwd }: EngineCommand): EngineProcess {
  const [program = command, ...parameters] = [...parentDeathPrefix(), command, ...args];
  // A separate process group: Ctrl-C in the terminal reaches this process only, which stops all parts in order.
  const child = spawn(program, parameters, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const said = outputTail([child.stdout, child.stderr]);
  const ended = endOf(child);
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  void ended.then(() => process.off('exit', killAtExit));
  const isRunning = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return { processId: child.pid, isRunning, said, ended, stop: () => terminate(child, ended) };
}

function endOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
}

async function terminate(child: ChildProcessByStdio<null, Readable, Readable>, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const patience = new AbortController();
  const timer = delay(TERMINATION_GRACE_MS, undefined, { signal: patience.signal }).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  );
  await ended;
  patience.abort();
  await timer;
}
