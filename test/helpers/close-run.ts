import { rm } from 'node:fs/promises';
import { RUN_VARIABLE } from './run-cache.ts';

/** Removes the directory of the run: jest's global teardown. */
export default async function closeRun(): Promise<void> {
  const directory = process.env[RUN_VARIABLE];
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}
