import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { COMMAND_MS } from './fresh-folder.ts';

/** A command that runs until it is ended. */
export interface RunningCommand {
  /** The lines that the command has printed. */
  readonly lines: readonly string[];
  readonly stop: () => Promise<void>;
}

/** The start of a command. */
export interface StartedCommand {
  readonly folder: string;
  readonly command: readonly [name: string, ...args: readonly string[]];
  /** Whether a line says that the command has started. */
  readonly isReady: (line: string) => boolean;
}

/** Starts a command, and waits for a line. Rejects with what it printed if it ends before, or takes too long. */
export async function startCommand({ folder, command, isReady }: StartedCommand): Promise<RunningCommand> {
  const [name, ...args] = command;
  // A group of its own, so that a signal reaches what npm has started.
  const child = spawn(name, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = once(child, 'close');
  const lines: string[] = [];
  const ready = Promise.withResolvers<void>();
  const fail = (): void => ready.reject(new Error(`${command.join(' ')} says:\n${lines.join('\n')}`));
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      if (isReady(line)) ready.resolve();
    });
  }
  void ended.then(fail, fail);
  const timer = setTimeout(fail, COMMAND_MS);
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
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
  return { lines, stop };
}
