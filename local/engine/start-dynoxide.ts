import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Engine, EngineDeps } from './engine.ts';
import { hiddenAddress } from '../ports.ts';
import { startOnFreePort } from './start-on-free-port.ts';

/**
 * The indexes that are added to dynoxide's stream table. At each write, dynoxide 1.2 looks for the highest sequence
 * number of a table's stream, and in GetRecords for the records after one. Both queries cast the numbers, which no
 * index of the engine covers: each write reads the whole stream, so a long one slows everything down. Indexes on the
 * same expressions turn both into a step down a tree. The engine never looks at the indexes of its file; SQLite uses
 * them by itself. DescribeStream needs the least and the greatest number of a shard, as texts: with the text in the
 * index, only the index is read and no images.
 */
const INDEXES = `
  DROP INDEX IF EXISTS stream_records_by_shard_and_number;
  CREATE INDEX IF NOT EXISTS stream_records_by_number
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
  CREATE INDEX IF NOT EXISTS stream_records_of_shard
    ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER), sequence_number);
`;

/** Time in ms to wait for the engine's lock on the file, 10,000. Indexing a long kept stream takes seconds. */
const LOCK_WAIT_MAXIMUM_MS = 10_000;

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

/**
 * Starts dynoxide with a database file. Without a file its streams could not be indexed (see `addStreamIndexes`).
 * dynoxide lets every web page read and write its tables (`Access-Control-Allow-Origin: *`) and has no option against
 * that, so it listens on an address that a page cannot guess.
 */
export async function startDynoxide(binary: string, options: DynoxideOptions): Promise<Engine> {
  const { dataDirectory, terminal, temporaryRoot = tmpdir() } = options;
  const directory = dataDirectory ?? (await mkdtemp(join(temporaryRoot, 'distributary-')));
  mkdirSync(directory, { recursive: true });
  const file = join(directory, FILE_NAME);
  const address = hiddenAddress();
  const engine = await startOnFreePort({
    terminal,
    keepsData: true,
    name: 'dynoxide',
    address,
    commandFor: (port) => ({
      command: binary,
      args: ['serve', '--host', address, '--port', String(port), '--db-path', file],
    }),
    whenReady: () => addStreamIndexes(file),
    afterEnd: async () => {
      if (dataDirectory === undefined) await rm(directory, { recursive: true, force: true });
    },
  });
  return { ...engine, databaseFile: file };
}

/**
 * Adds the indexes to the file of a running engine. SQLite's locks keep the two apart. The journal and its settings are
 * the engine's (WAL) and stay unchanged.
 */
async function addStreamIndexes(databaseFile: string): Promise<void> {
  // Imported late: Node 20 has no SQLite, and only this engine needs it.
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(databaseFile, { timeout: LOCK_WAIT_MAXIMUM_MS });
  try {
    database.exec(INDEXES);
  } finally {
    database.close();
  }
}
