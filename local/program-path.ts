import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folder that has `local/`: the repository, or a built package. A chunk of the package lies one folder deep too.
 */
const ROOT = join(import.meta.dirname, '..');

/**
 * Returns the path of a program of this room that is started by its path, given without its extension: the source, or
 * the built file where there is no source.
 */
export function programPath(name: string): string {
  const path = join(ROOT, 'local', name);
  return existsSync(`${path}.ts`) ? `${path}.ts` : `${path}.js`;
}
