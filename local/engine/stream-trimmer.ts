import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { Terminal } from '../model.ts';
import { DEFAULT_STREAM_RETENTION, type StreamRetention } from './stream-retention.ts';

export interface StreamTrimmerOptions {
  /** The file of dynoxide, which itself keeps every record for ever. */
  readonly databaseFile: string;
  /** Names of the tables that have a stream. */
  readonly tables: readonly string[];
  readonly retention?: Partial<StreamRetention>;
}

export interface StreamTrimmerDeps {
  /** Up to which stream sequence number all consumers of a table are done; undefined: it has none to wait for. */
  readonly passed: (tableName: string) => bigint | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly terminal: Pick<Terminal, 'warn'>;
}

export interface StreamTrimmer {
  /** Deletes what need not be kept; resolves with the number of records. */
  trim(): Promise<number>;
  stop(): Promise<void>;
}

/** A statement waits so long for the engine's writers; this thread serves clients, so it must not wait long. */
const LOCK_WAIT_MS = 5;

/** The engine was writing: a batch is tried so often before it is left to the next round. */
const BUSY_ATTEMPTS = 20;

/** SQLITE_BUSY, the low byte of all codes of its kind. */
const BUSY_CODE = 5;

/**
 * The oldest records of a table, so many, without those that are to stay. The inner query goes along the index of
 * stream-indexes.ts, so that a long stream that stays costs nothing. The newest record must never go: dynoxide takes the
 * next number from it.
 */
const DELETE_OLDEST = `
  DELETE FROM _stream_records WHERE id IN (
    SELECT id FROM (
      SELECT id, CAST(sequence_number AS INTEGER) AS number, created_at FROM _stream_records
      WHERE table_name = :table AND CAST(sequence_number AS INTEGER) <= :last
      ORDER BY CAST(sequence_number AS INTEGER) LIMIT :count
    ) WHERE number <= :surplus OR created_at < :oldest
  )`;

/** Whether there is anything to do: a reader never waits for the engine, nor it for a reader. */
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

/** Trims the streams of a running dynoxide from outside, as AWS does after 24 hours: or each would grow for ever. */
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
    // One at a time; how the one before ended was told to whoever asked for it.
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

/** The journal is the engine's, so that its write-ahead log is written back into the file by the engine alone. */
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
  /** Nothing after it goes. */
  readonly ':last': bigint;
  /** Up to it nothing need stay. */
  readonly ':surplus': bigint;
  /** Nor what was made before, in epoch seconds. */
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
