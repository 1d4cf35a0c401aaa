import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly process: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<CommandResult>;
}

/** Starts `distributary` as a person does, in a separate process, against the runtime on a port. */
export function startCommand(port: number, args: readonly string[]): RunningCommand {
  const env = { ...process.env, PORT: String(port) };
  const child = spawn(process.execPath, ['cli/main.ts', ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    ended: once(child, 'close').then(() => ({ code: child.exitCode, stdout, stderr })),
  };
}

/** Runs `distributary` to its end. */
export const runCommand = (port: number, ...args: readonly string[]): Promise<CommandResult> =>
  startCommand(port, args).ended;

/** The lines of `--json`. */
export const jsonLines = ({ stdout }: Pick<CommandResult, 'stdout'>): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
