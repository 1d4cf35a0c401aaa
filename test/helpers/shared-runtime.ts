import { setTimeout as sleep } from 'node:timers/promises';
import { spawnRuntime } from './runtime.ts';

/** Timeout in ms for the start with its synthesis. */
const START_MAXIMUM_MS = 120_000;
/** Number of checks of whether the runtime has ended. The runtime ends itself in less than 3 s. */
const CHECKS = 100;
/** Pause in ms between two checks. */
const CHECK_MS = 50;

/** The environment variables by which jest's setup names a runtime that all tests of a project share. */
export interface SharedRuntime {
  /** `ws://127.0.0.1:PORT/live` */
  readonly url: string;
  /** The process id. */
  readonly process: string;
}

/** Starts one `npm start` with these options, which synthesizes, and names it in the environment of all tests. */
export async function startShared({ url, process: pid }: SharedRuntime, options: readonly string[]): Promise<void> {
  const runtime = await spawnRuntime(options, START_MAXIMUM_MS);
  process.env[url] = runtime.url;
  process.env[pid] = String(runtime.process.pid);
}

/** Ends the runtime as Ctrl-C does, if there is one. */
export async function stopShared(shared: SharedRuntime): Promise<void> {
  const pid = Number(process.env[shared.process]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return;
  for (let check = 0; check < CHECKS && isAlive(pid, check === 0 ? 'SIGINT' : 0); check++) await sleep(CHECK_MS);
}

function isAlive(pid: number, signal: 'SIGINT' | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
