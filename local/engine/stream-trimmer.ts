import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { Terminal } from '../model.ts';

/**
 * The retention of stream records that every consumer has passed. Records that a consumer has not passed always stay.
 */
export interface StreamRetention {
  /**
   * Age in seconds up to which a record stays, as on AWS. Default: 24 hours.
   * @limit operator
   */
  readonly keepSeconds: number;
  /**
   * Number of a table's newest records that stay within that age, so that a developer's disk does not fill up. Default:
   * 100,000; at least one always stays.
   * @limit operator
   */
  readonly keepRecords: number;
  /** Time in ms between two trims. Default: 10,000. */
  readonly trimEveryMs: number;
  /** Records deleted in one statement. Default: 200, for which the engine's writers wait about a millisecond. */
  readonly batchRecords: number;
  /** Pause in ms between two deletions, in which writers get the lock. Default: 2. */
  readonly batchPauseMs: number;
}

/** The retention unless the options set another. */
const DEFAULT_STREAM_RETENTION: StreamRetention = {
  keepSeconds: 86_400,
  keepRecords: 100_000,
  trimEveryMs: 10_000,
  batchRecords: 200,
  batchPauseMs: 2,
};

/** The options of the stream trimmer. */
export interface StreamTrimmerOptions {
  /** The database file of dynoxide, which itself keeps every record for ever. */
  readonly databaseFile: string;
  /** The names of the tables that have a stream. */
  readonly tables: readonly string[];
  readonly retention?: Partial<StreamRetention>;
}

/** The dependencies of the stream trimmer. */
export interface StreamTrimmerDeps {
  /**
   * Returns the stream sequence number up to which all consumers of a table are done; undefined if the table has no
   * consumers.
   */
  readonly passed: (tableName: string) => bigint | undefined;
  /** Returns the time in epoch ms. */
  readonly now: () => number;
  readonly terminal: Pick<Terminal, 'warn'>;
}

/** The running stream trimmer. */
export interface StreamTrimmer {
  /** Deletes the records that need not be kept. Resolves to their number. */
  trim(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Time in ms that a statement waits for the engine's writers, 5. This thread serves clients, so it must not wait long.
 */
const LOCK_WAIT_MS = 5;

/** Attempts at a deletion while the engine writes, 20. After that it is left to the next trim. */
const BUSY_ATTEMPTS = 20;

/** SQLITE_BUSY, the low byte of all related codes. */
const BUSY_CODE = 5;

/**
 * The deletion of a table's oldest records, except those that must stay. The inner query follows the index of
 * `addStreamIndexes`, so a long stream that stays costs nothing. The newest record must never be deleted: dynoxide
 * derives the next number from it.
 */
const DELETE_OLDEST = `
  DELETE FROM _stream_records WHERE id IN (
    SELECT id FROM (
      SELECT id, CAST(sequence_number AS INTEGER) AS number, created_at FROM _stream_records
      WHERE table_name = :table AND CAST(sequence_number AS INTEGER) <= :last
      ORDER BY CAST(sequence_number AS INTEGER) LIMIT :count
    ) WHERE number <= :surplus OR created_at < :oldest
  )`;

/**
 * The query for the oldest record, which shows whether any record is due. In WAL mode a reader and the engine never
 * wait for each other.
 */
const OLDEST = `
  SELECT CAST(sequence_number AS INTEGER) AS number, created_at AS createdAt FROM _stream_records
  WHERE table_name = ? ORDER BY CAST(sequence_number AS INTEGER) LIMIT 1`;

const NEWEST = `SELECT MAX(CAST(sequence_number AS INTEGER)) AS number FROM _stream_records WHERE table_name = ?`;

interface Trimming {
  readonly options: StreamTrimmerOptions;
  readonly deps: StreamTrimmerDeps;
  readonly retention: StreamRetention;
  readonly oldest: StatementSync;
  readonly newest: StatementSync;
  readonly deleteOldest: StatementSync;
  readonly isStopped: () => boolean;
}

/**
 * Trims the streams of a running dynoxide from outside, as AWS does after 24 hours. Without it, each would grow for
 * ever.
 */
export async function startStreamTrimmer(
  options: StreamTrimmerOptions,
  deps: StreamTrimmerDeps,
): Promise<StreamTrimmer> {
  const database = await openDatabase(options.databaseFile);
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<number> = Promise.resolve(0);
  const trimming: Trimming = {
    options,
    deps,
    retention: { ...DEFAULT_STREAM_RETENTION, ...options.retention },
    oldest: database.prepare(OLDEST),
    newest: database.prepare(NEWEST),
    deleteOldest: database.prepare(DELETE_OLDEST),
    isStopped: () => isStopped,
  };
  const trim = (): Promise<number> => {
    // One at a time. The result of the previous trim was returned to its caller.
    running = running.catch(() => 0).then(() => trimAll(trimming));
    return running;
  };
  const trimByTimer = async (): Promise<void> => {
    await trim().catch((error: unknown) => deps.terminal.warn(`streams could not be trimmed: ${String(error)}`));
    if (!isStopped) arm();
  };
  const arm = (): void => {
    timer = setTimeout(() => void trimByTimer(), trimming.retention.trimEveryMs).unref();
  };
  arm();
  const stop = async (): Promise<void> => {
    isStopped = true;
    clearTimeout(timer);
    await running.catch(() => 0);
    if (database.isOpen) database.close();
  };
  return { trim, stop };
}

/** Opens the database. The journal belongs to the engine, so only the engine checkpoints its write-ahead log. */
async function openDatabase(file: string): Promise<DatabaseSync> {
  // Imported late: Node 20 has no SQLite, and only this engine needs it.
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file, { timeout: LOCK_WAIT_MS });
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0');
  return database;
}

async function trimAll(trimming: Trimming): Promise<number> {
  let deleted = 0;
  for (const table of trimming.options.tables) deleted += await trimTable(table, trimming);
  return deleted;
}

async function trimTable(table: string, trimming: Trimming): Promise<number> {
  const { retention, isStopped } = trimming;
  const parameters = cutOf(table, trimming);
  if (parameters === undefined || !isDue(trimming.oldest.get(table), parameters)) return 0;
  let [deleted, busy] = [0, 0];
  while (!isStopped() && busy < BUSY_ATTEMPTS) {
    const count = deleteBatch(trimming.deleteOldest, parameters);
    busy = count === 'busy' ? busy + 1 : 0;
    deleted += count === 'busy' ? 0 : count;
    if (count !== 'busy' && count < retention.batchRecords) break;
    await delay(retention.batchPauseMs);
  }
  return deleted;
}

interface Cut {
  readonly ':table': string;
  /** The last record that may be deleted. */
  readonly ':last': bigint;
  /** The sequence number up to which records exceed `keepRecords` and may be deleted at any age. */
  readonly ':surplus': bigint;
  /** The creation time in epoch seconds before which a record may be deleted. */
  readonly ':oldest': number;
  readonly ':count': number;
}

function isDue(oldest: Readonly<Record<string, unknown>> | undefined, cut: Cut): boolean {
  if (oldest === undefined) return false;
  const [number, createdAt] = [BigInt(String(oldest['number'])), Number(oldest['createdAt'])];
  return number <= cut[':last'] && (number <= cut[':surplus'] || createdAt < cut[':oldest']);
}

function cutOf(table: string, { deps, retention, newest }: Trimming): Cut | undefined {
  const number = newest.get(table)?.['number'];
  if (number === undefined || number === null) return undefined;
  const last = BigInt(String(number)) - 1n;
  const passed = deps.passed(table);
  return {
    ':table': table,
    ':last': passed === undefined || passed > last ? last : passed,
    ':surplus': last + 1n - BigInt(retention.keepRecords),
    ':oldest': Math.floor(deps.now() / 1_000) - retention.keepSeconds,
    ':count': retention.batchRecords,
  };
}

function deleteBatch(statement: StatementSync, cut: Cut): number | 'busy' {
  try {
    return Number(statement.run({ ...cut }).changes);
  } catch (error) {
    if (isBusy(error)) return 'busy';
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' && (code & 0xff) === BUSY_CODE;
}
