import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Shutdown } from './shutdown.ts';

/** Makes a directory for the files of this run. The shutdown removes it. */
export async function makeRunDirectory(shutdown: Shutdown): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'distributary-run-'));
  await shutdown.add(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
