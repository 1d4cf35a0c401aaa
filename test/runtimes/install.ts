import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUNTIMES, type Runtime } from './versions.ts';

/** A runtime that is there. */
export interface Installed extends Pick<Runtime, 'name' | 'args'> {
  readonly executable: string;
}

/**
 * Installs the runtimes that are missing into a folder of their own, without scripts, and returns them all. They are no
 * dependencies of the project: each `npm ci` would fetch 600 MB for them.
 */
export function installRuntimes(folder: string): readonly Installed[] {
  const installed = RUNTIMES.map((runtime) => ({
    name: runtime.name,
    args: runtime.args,
    executable: join(folder, 'node_modules', runtime.name, runtime.file),
  }));
  if (!installed.every(({ executable }) => existsSync(executable))) fetchAll(folder);
  return installed;
}

function fetchAll(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const dependencies = Object.fromEntries(RUNTIMES.map(({ name, ...pinned }) => [name, specOf(pinned)]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  execFileSync('npm', ['install', ...options], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: IS_WINDOWS,
  });
}

const specOf = (pinned: Omit<Runtime, 'name'>): string => `npm:${pinned.package}@${pinned.version}`;

/** Whether `npm` is a script of the command line, which only a shell can start. */
const IS_WINDOWS = process.platform === 'win32';
