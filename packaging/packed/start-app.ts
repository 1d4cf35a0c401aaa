import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { COMMAND_MS } from './fresh-folder.ts';

/** An app that runs by `npx distributary start`. */
export interface StartedApp {
  /** The address of its page, with a slash at the end. */
  readonly page: string;
  readonly stop: () => Promise<void>;
}

/** Starts the app of a folder on a free port. Rejects with what it printed if it does not start. */
export async function startApp(folder: string, args: readonly string[]): Promise<StartedApp> {
  const app = spawn('npx', ['distributary', 'start', '--port', '0', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that a signal reaches what npx has started.
    detached: true,
  });
  const ended = once(app, 'close');
  const lines: string[] = [];
  const ready = Promise.withResolvers<void>();
  const fail = (): void => ready.reject(new Error(`npx distributary start says:\n${lines.join('\n')}`));
  for (const input of [app.stdout, app.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('ready ')) ready.resolve();
    });
  }
  void ended.then(fail, fail);
  const timer = setTimeout(fail, COMMAND_MS);
  const stop = async (): Promise<void> => {
    if (app.pid !== undefined && app.exitCode === null) process.kill(-app.pid, 'SIGINT');
    await ended;
  };
  try {
    await ready.promise;
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return { page: lines.find((line) => line.startsWith('page '))?.replace(/^page +/, '') ?? '', stop };
}
