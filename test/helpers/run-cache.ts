import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The environment variable that names the directory of this run of the tests. */
export const RUN_VARIABLE = 'DISTRIBUTARY_TEST_RUN';

/** Creates the directory that all test files of one run share: jest's global setup. */
export default async function openRun(): Promise<void> {
  process.env[RUN_VARIABLE] = await mkdtemp(join(tmpdir(), 'distributary-test-run-'));
}

/** Returns what `make` makes of a key, made once in a run for all test files. Without a run, it is made each time. */
export function rememberOnce(key: string, make: (key: string) => string): string {
  const directory = process.env[RUN_VARIABLE];
  if (directory === undefined) return make(key);
  const file = join(directory, createHash('sha256').update(key).digest('hex'));
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const made = make(key);
  const unfinished = `${file}-${randomUUID()}`;
  writeFileSync(unfinished, made);
  renameSync(unfinished, file);
  return made;
}
