import { RuntimeSetupError } from '../model.ts';
import { awaitAnswer } from './await-answer.ts';
import type { Engine } from './engine.ts';
import { type EngineCommand, type EngineProcess, startProcess } from './engine-process.ts';
import { freePort } from './free-port.ts';

/** Somebody else may take the port between finding and using it; three times in a row it is something else. */
const PORT_ATTEMPTS = 3;

export interface EngineStart {
  readonly name: string;
  readonly commandFor: (port: number) => EngineCommand;
  /** Runs once the engine answers, before anybody uses it. */
  readonly whenReady?: () => Promise<void>;
  /** Runs at the end of `stop`, and when the start fails. */
  readonly afterEnd?: () => Promise<void>;
}

/** Starts an engine that cannot pick its own port, waits until it answers, and tries again on a collision. */
export async function startOnFreePort(start: EngineStart): Promise<Engine> {
  let complaint = '';
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt += 1) {
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const engineProcess = startProcess(start.commandFor(port));
    if (await awaitAnswer(endpoint, engineProcess.isRunning)) return becomeEngine(start, endpoint, engineProcess);
    await engineProcess.stop();
    complaint = engineProcess.said().trim();
    if (!/in use/i.test(complaint)) break;
  }
  await start.afterEnd?.();
  throw new RuntimeSetupError(`the engine ${start.name} did not start: ${complaint || 'it gave no reason'}`);
}

async function becomeEngine(start: EngineStart, endpoint: string, engineProcess: EngineProcess): Promise<Engine> {
  try {
    await start.whenReady?.();
  } catch (error) {
    await engineProcess.stop();
    await start.afterEnd?.();
    throw error;
  }
  let isStopping = false;
  const exited = endedByItself(start.name, engineProcess, () => isStopping);
  const stop = async (): Promise<void> => {
    isStopping = true;
    await engineProcess.stop();
    await start.afterEnd?.();
  };
  return { endpoint, name: start.name, exited, stop };
}

async function endedByItself(name: string, engineProcess: EngineProcess, isStopping: () => boolean): Promise<string> {
  const how = await engineProcess.ended;
  // Asked for: nobody is to be told, so this one never resolves.
  if (isStopping()) return new Promise(() => {});
  return `${name} ended (${how}): ${engineProcess.said().trim()}`;
}
