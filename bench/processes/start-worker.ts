import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { outputTail } from '../../local/child-process.ts';
import { BENCH_BOUNDS } from '../bounds.ts';
import type { Commands, Reply } from './serve.ts';

/** A worker process that answers calls. */
export interface Worker<C extends Commands> {
  readonly pid: number;
  readonly call: <K extends keyof C & string>(
    name: K,
    input: Parameters<C[K]>[0],
  ) => Promise<Awaited<ReturnType<C[K]>>>;
  readonly stop: () => Promise<void>;
}

/** The options of a worker. */
export interface WorkerOptions {
  /** Environment variables in addition to those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly limitMs?: number;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a fresh process with a worker's file. When its time is up it is killed, and its open calls fail. */
export function startWorker<C extends Commands>(file: URL, options: WorkerOptions = {}): Worker<C> {
  const { environment = {}, limitMs = BENCH_BOUNDS.WORKER_MS } = options;
  const child = fork(file, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const waiting = new Map<number, Waiting>();
  const said = outputTail([child.stdout, child.stderr]);
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  child.on('message', (reply: Reply) => settle(waiting, reply));
  child.once('exit', (code, signal) => {
    clearTimeout(limit);
    const error = new Error(`${file.pathname} ended with ${signal ?? code}: ${said()}`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  return { pid: child.pid ?? 0, call: callerOf<C>(child, waiting), stop: () => stop(child) };
}

function callerOf<C extends Commands>(child: ChildProcess, waiting: Map<number, Waiting>): Worker<C>['call'] {
  let calls = 0;
  return <K extends keyof C & string>(name: K, input: Parameters<C[K]>[0]): Promise<Awaited<ReturnType<C[K]>>> => {
    const id = (calls += 1);
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<C[K]>>>();
    waiting.set(id, { resolve, reject });
    if (child.exitCode !== null || child.signalCode !== null) reject(new Error(`${name}: the worker has ended`));
    else child.send({ id, name, input });
    return promise;
  };
}

function settle(waiting: Map<number, Waiting>, reply: Reply): void {
  const call = waiting.get(reply.id);
  waiting.delete(reply.id);
  if ('error' in reply) call?.reject(new Error(reply.error));
  else call?.resolve(reply.value);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
