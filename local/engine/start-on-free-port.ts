import { setTimeout as delay } from 'node:timers/promises';
import { RuntimeSetupError, type Terminal } from '../model.ts';
import type { Engine } from './engine.ts';
import { type EngineCommand, type EngineProcess, startProcess } from './engine-process.ts';
import { freePort, LOOPBACK } from '../ports.ts';
import { keepRunning } from './keep-running.ts';

/** Deadline in ms for an engine to answer, 30,000. The slower engine (Java) needs one or two seconds. */
const READY_MAXIMUM_MS = 30_000;

/** Pause in ms between two tries, 10. The faster engine is ready after 15 ms. */
const PROBE_INTERVAL_MS = 10;

/** Deadline in ms of one try, 2,000. A try may hang on an address that never answers. */
const PROBE_TIMEOUT_MS = 2_000;

/**
 * Attempts to start an engine on a free port, 3. Another process may take the port in between; three times in a row has
 * another cause.
 */
const PORT_ATTEMPTS = 3;

/** The instructions for starting an engine. */
export interface EngineStart {
  readonly name: string;
  readonly terminal: Terminal;
  /** Whether the engine's data outlives its process. Then it is restarted when it ends by itself. */
  readonly keepsData: boolean;
  /** The address of this machine on which the engine listens. Default: 127.0.0.1. */
  readonly address?: string;
  readonly commandFor: (port: number) => EngineCommand;
  /** Runs once the engine answers, before it is used. */
  readonly whenReady?: () => Promise<void>;
  /** Runs at the end of `stop`, and when the start fails. */
  readonly afterEnd?: () => Promise<void>;
}

/** Starts an engine that cannot choose its own port, waits until it answers, and tries again on a collision. */
export async function startOnFreePort(start: EngineStart): Promise<Engine> {
  const { address = LOOPBACK } = start;
  let complaint = '';
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt += 1) {
    const port = await freePort(address);
    const endpoint = `http://${address}:${port}`;
    const engineProcess = startProcess(start.commandFor(port));
    if (await awaitAnswer(endpoint, engineProcess.isRunning)) return becomeEngine(start, endpoint, engineProcess);
    await engineProcess.stop();
    complaint = engineProcess.said().trim();
    if (!/in use/i.test(complaint)) break;
  }
  await start.afterEnd?.();
  throw new RuntimeSetupError(`the engine ${start.name} did not start: ${complaint || 'it gave no reason'}`);
}

async function becomeEngine(start: EngineStart, endpoint: string, first: EngineProcess): Promise<Engine> {
  try {
    await start.whenReady?.();
  } catch (error) {
    await first.stop();
    await start.afterEnd?.();
    throw error;
  }
  const restart = async (): Promise<EngineProcess | undefined> => {
    const again = startProcess(start.commandFor(Number(new URL(endpoint).port)));
    if (await awaitAnswer(endpoint, again.isRunning)) return again;
    await again.stop();
    return undefined;
  };
  const kept = keepRunning({
    first,
    restart: start.keepsData ? restart : undefined,
    onRestart: (how) => start.terminal.warn(`${start.name} ended (${how}) and was started again on its data`),
  });
  const stop = async (): Promise<void> => {
    await kept.stop();
    await start.afterEnd?.();
  };
  return { endpoint, name: start.name, exited: kept.exited, processId: kept.processId, stop };
}

/**
 * Sends requests until the endpoint answers over HTTP. Returns false after the deadline, or when `isHopeful` returns
 * false.
 */
async function awaitAnswer(endpoint: string, isHopeful: () => boolean): Promise<boolean> {
  const giveUpAt = performance.now() + READY_MAXIMUM_MS;
  while (isHopeful() && performance.now() < giveUpAt) {
    if (await answers(endpoint)) return isHopeful();
    await delay(PROBE_INTERVAL_MS);
  }
  return false;
}

/** Returns whether the endpoint answers one request. Any answer counts, refusals included: a server reads requests. */
export async function answers(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(endpoint, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.body?.cancel();
    return true;
  } catch {
    // Refused or silent: not ready yet.
    return false;
  }
}
