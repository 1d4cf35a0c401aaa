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

/**
 * Adds the indexes to the file of a running engine. SQLite's locks keep the two apart. The journal and its settings are
 * the engine's (WAL) and stay unchanged.
 */
export async function addStreamIndexes(databaseFile: string): Promise<void> {
  // Imported late: Node 20 has no SQLite, and only this engine needs it.
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(databaseFile, { timeout: LOCK_WAIT_MAXIMUM_MS });
  try {
    database.exec(INDEXES);
  } finally {
    database.close();
  }
}
