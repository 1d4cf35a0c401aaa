import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { RuntimeSetupError } from './model.ts';

/**
 * Creates the directory of `--data` and its missing parents. Throws RuntimeSetupError. Creates them one by one, because
 * Node's recursive mkdir never returns where a file system answers ENOENT for a path that cannot be created (/proc).
 */
export function prepareDataDirectory(directory: string): void {
  try {
    make(resolve(directory));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeSetupError(`--data ${directory} cannot be used: ${reason}`, { cause });
  }
}

function make(directory: string): void {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return;
  if (found !== undefined) throw new Error('it is a file');
  make(dirname(directory));
  mkdirSync(directory);
}
