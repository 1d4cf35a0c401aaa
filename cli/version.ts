import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Returns the version of the project, by its package.json. This file and a chunk of the built package both lie one
 * folder below it.
 */
export function projectVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
  const { version }: { readonly version: string } = JSON.parse(text);
  return version;
}
