import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The app, running on this machine. */
export interface RunningApp {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Starts the app as `npm start` does, on any free port. Rejects with its output if it does not start. npm puts the
 * command on the path: run the tests by `npm test`. `options` are further ones of `distributary start`. An app that
 * runs already, and has no data yet, may be named by the variable APP_URL.
 */
export async function startApp(...options: readonly string[]): Promise<RunningApp> {
  const { APP_URL } = process.env;
  if (APP_URL !== undefined) return { url: APP_URL, stop: () => Promise.resolve() };
  const app = spawn('distributary', ['start', '--port', '0', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(app, 'exit');
  const lines: string[] = [];
  const ready = Promise.withResolvers<string>();
  for (const input of [app.stdout, app.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('ready ')) ready.resolve(line.slice('ready '.length));
    });
  }
  void ended.then(() => ready.reject(new Error(`The app has ended:\n${lines.join('\n')}`)), ready.reject);
  const url = await ready.promise;
  const stop = async (): Promise<void> => {
    app.kill('SIGINT');
    await ended;
  };
  return { url, stop };
}
