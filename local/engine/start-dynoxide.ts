import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { Engine, EngineDeps } from './engine.ts';
import { startOnFreePort } from './start-on-free-port.ts';
import { addStreamIndexes } from './stream-indexes.ts';

const PACKAGE = '@dynoxide/linux-x64';

const FILE_NAME = 'dynoxide.db';

/** Returns the path of the optional package's binary; undefined if it was not built for this machine. */
export function findDynoxide(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`)), 'dynoxide');
  } catch {
    // Not installed: npm leaves out optional packages for other platforms.
    return undefined;
  }
}

/** The options of dynoxide. */
export interface DynoxideOptions extends EngineDeps {
  readonly dataDirectory?: string | undefined;
  readonly temporaryRoot?: string;
}

/** Starts dynoxide with a database file. Without a file its streams could not be indexed (see `addStreamIndexes`). */
export async function startDynoxide(binary: string, options: DynoxideOptions): Promise<Engine> {
  const { dataDirectory, terminal, temporaryRoot = tmpdir() } = options;
  const directory = dataDirectory ?? (await mkdtemp(join(temporaryRoot, 'distributary-')));
  mkdirSync(directory, { recursive: true });
  const file = join(directory, FILE_NAME);
  const engine = await startOnFreePort({
    terminal,
    keepsData: true,
    name: 'dynoxide',
    commandFor: (port) => ({
      command: binary,
      args: ['serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', file],
    }),
    whenReady: () => addStreamIndexes(file),
    afterEnd: async () => {
      if (dataDirectory === undefined) await rm(directory, { recursive: true, force: true });
    },
  });
  return { ...engine, databaseFile: file };
}
