import { startCommand } from './running-command.ts';

/** An app that runs on this machine. */
export interface StartedApp {
  /** The address of its page, with a slash at the end. */
  readonly page: string;
  /** The URL of the first stage. */
  readonly url: string;
  /** The URLs of further stages. */
  readonly others: readonly string[];
  readonly stop: () => Promise<void>;
}

/** The command that starts an app, without the options that `startApp` adds. */
export type StartWords = readonly [name: string, ...args: readonly string[]];

/** Starts the app of a folder on a free port. Rejects with what it printed if it does not start. */
export async function startApp(folder: string, [name, ...words]: StartWords): Promise<StartedApp> {
  const command = [name, ...words, '--port', '0'] as const;
  const { lines, stop } = await startCommand({ folder, command, isReady: (line) => line.startsWith('ready ') });
  const valuesOf = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.split(/ +/)[1] ?? '');
  const [[page = ''], [url = '']] = [valuesOf('page'), valuesOf('ready')];
  return { page, url, others: valuesOf('also'), stop };
}
