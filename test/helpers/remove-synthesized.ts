import { rm } from 'node:fs/promises';
import { ASSEMBLY_VARIABLE } from './synthesize-once.ts';

/** jest's global teardown. */
export default async function removeSynthesized(): Promise<void> {
  const directory = process.env[ASSEMBLY_VARIABLE];
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}
