/**
 * dynoxide 1.2 looks for the highest sequence number of a table's stream at each write, and for the records after one in
 * GetRecords, and casts them to numbers, which no index of its own covers: each write reads the whole stream, so that a
 * long one makes everything slow. Indexes on the very same expressions turn both into a step down a tree. The engine never
 * looks at the indexes of its file; SQLite picks them up by itself. DescribeStream wants the least and the greatest number
 * of a shard, as texts: with the text in the index it reads that alone and no images.
 */
const INDEXES = `
  DROP INDEX IF EXISTS stream_records_by_shard_and_number;
  CREATE INDEX IF NOT EXISTS stream_records_by_number
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
  CREATE INDEX IF NOT EXISTS stream_records_of_shard
    ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER), sequence_number);
`;

/** A long kept stream takes seconds to index, and the engine may hold the file for a moment. */
const LOCK_WAIT_MAXIMUM_MS = 10_000;

/**
 * Adds the indexes to the engine's file, beside the running engine: SQLite's own locks keep the two apart. The journal and
 * its settings are the engine's (WAL) and stay as they are.
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
