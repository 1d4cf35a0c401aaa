import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Deadline in ms of one command, 300,000: an installation from a cold cache takes the longest. */
export const COMMAND_MS = 300_000;

/** A command's output, whole. A warning is looked for in all of it. */
const OUTPUT_BYTES = 16 * 1024 * 1024;

/** The output of a command that succeeded. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder outside the repository that has packages and the files of a trial, and nothing else. */
export class FreshFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'distributary-packed-'));

  /** Installs packages: names with versions, and paths of tarballs. */
  async install(packages: readonly string[]): Promise<void> {
    this.write({ 'package.json': JSON.stringify({ private: true, type: 'module' }) });
    await this.run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages]);
  }

  /** Writes files, each by its path in the folder. */
  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, path)), { recursive: true });
      writeFileSync(join(this.path, path), text);
    }
  }

  /** Runs a command in the folder, with additions to the environment. Throws with its output when it fails. */
  async run(command: string, args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const env = { ...process.env, ...variables };
    try {
      return await run(command, args, { cwd: this.path, env, timeout: COMMAND_MS, maxBuffer: OUTPUT_BYTES });
    } catch (error) {
      const { stdout = '', stderr = '' } = Object(error);
      throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
