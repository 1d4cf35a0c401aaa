import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RuntimeSetupError, type Terminal } from '../model.ts';
import { type StreamClock, systemStreamClock } from './clock.ts';
import { errorNameOf } from './engine-errors.ts';

/**
 * Time in ms that changes are collected before the file is written, 200. After a crash, at most the records handled in
 * that time are delivered again.
 */
const WRITE_DELAY_MS = 200;
const FILE_VERSION = 1;

/** The position from which a shard is read. */
export type Checkpoint =
  | { readonly at: 'trim-horizon' }
  | { readonly at: 'latest' }
  /** Everything up to this stream sequence number is done. */
  | { readonly at: 'after'; readonly sequenceNumber: string }
  /** The shard is closed and everything in it is done. */
  | { readonly at: 'finished' };

/**
 * The key of a mapping's checkpoints. The stream's ARN is part of it, because a recreated stream starts from the
 * beginning.
 */
export interface MappingKey {
  readonly uuid: string;
  readonly streamArn: string;
}

/** The checkpoints of all mappings. Bounded by `retain` to the shards that the stream still lists. */
export interface CheckpointStore {
  /** Returns whether the mapping was started before. Its StartingPosition applies only to the first start. */
  readonly knows: (key: MappingKey) => boolean;
  readonly load: (key: MappingKey, shardId: string) => Checkpoint | undefined;
  /** Returns the checkpoints of all shards of a mapping. */
  readonly loadAll: (key: MappingKey) => readonly Checkpoint[];
  readonly save: (key: MappingKey, shardId: string, checkpoint: Checkpoint) => void;
  /** Removes the checkpoints of all other shards. */
  readonly retain: (key: MappingKey, shardIds: readonly string[]) => void;
  /** Resolves when all checkpoints are on disk. Rejects if they cannot be written. */
  readonly flush: () => Promise<void>;
}

interface StoredMapping {
  streamArn: string;
  shards: Map<string, Checkpoint>;
}
type StoredMappings = Map<string, StoredMapping>;

/** Creates checkpoints in memory, for an engine that keeps no data either. */
export function createMemoryCheckpoints(): CheckpointStore {
  return createStore(new Map(), { changed: () => undefined, flush: () => Promise.resolve() });
}

/** Opens checkpoints in a JSON file, which is read once and written after changes. */
export async function openFileCheckpoints(
  file: string,
  deps: { readonly terminal: Terminal; readonly clock?: StreamClock },
): Promise<CheckpointStore> {
  await mkdir(dirname(file), { recursive: true });
  const mappings = decodeFile(file, await readIfThere(file));
  const write = async (): Promise<void> => {
    const temporary = `${file}.tmp`;
    await writeFile(temporary, encodeFile(mappings));
    await rename(temporary, file);
  };
  return createStore(mappings, writeBehind(write, { ...deps, file }));
}

interface Writer {
  readonly changed: () => void;
  readonly flush: () => Promise<void>;
}

function createStore(mappings: StoredMappings, writer: Writer): CheckpointStore {
  const find = (key: MappingKey): StoredMapping | undefined => {
    const stored = mappings.get(key.uuid);
    return stored?.streamArn === key.streamArn ? stored : undefined;
  };
  const make = (key: MappingKey): StoredMapping => {
    const stored = { streamArn: key.streamArn, shards: new Map<string, Checkpoint>() };
    mappings.set(key.uuid, stored);
    return stored;
  };
  return {
    knows: (key) => find(key) !== undefined,
    load: (key, shardId) => find(key)?.shards.get(shardId),
    loadAll: (key) => [...(find(key)?.shards.values() ?? [])],
    save: (key, shardId, checkpoint) => {
      (find(key) ?? make(key)).shards.set(shardId, checkpoint);
      writer.changed();
    },
    retain: (key, shardIds) => {
      const shards = find(key)?.shards ?? new Map<string, Checkpoint>();
      const kept = new Set(shardIds);
      const gone = [...shards.keys()].filter((shardId) => !kept.has(shardId));
      for (const shardId of gone) shards.delete(shardId);
      if (gone.length > 0) writer.changed();
    },
    flush: writer.flush,
  };
}

/** Creates a writer that writes once at a time. Changes during a write are written by the next one. */
function writeBehind(
  write: () => Promise<void>,
  {
    terminal,
    file,
    clock = systemStreamClock,
  }: { readonly terminal: Terminal; readonly file: string; readonly clock?: StreamClock },
): Writer {
  let dirty = false;
  let cancelTimer: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();
  const writeIfDirty = async (): Promise<void> => {
    if (!dirty) return;
    dirty = false;
    await write().catch((error: unknown) => {
      dirty = true;
      throw error;
    });
  };
  const flush = (): Promise<void> => {
    cancelTimer?.();
    cancelTimer = undefined;
    // The failure of an earlier write was reported to its caller. Here it means that the changes are still unwritten.
    writing = writing.catch(() => undefined).then(writeIfDirty);
    return writing;
  };
  const warn = (error: unknown): void => terminal.warn(`Cannot write the checkpoints to ${file}: ${String(error)}`);
  const changed = (): void => {
    dirty = true;
    cancelTimer ??= clock.after(WRITE_DELAY_MS, () => void flush().catch(warn));
  };
  return { changed, flush };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorNameOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function encodeFile(mappings: StoredMappings): string {
  const entries = [...mappings].map(([uuid, { streamArn, shards }]) => [
    uuid,
    { streamArn, shards: Object.fromEntries(shards) },
  ]);
  return `${JSON.stringify({ version: FILE_VERSION, mappings: Object.fromEntries(entries) }, undefined, 2)}\n`;
}

function decodeFile(file: string, text: string | undefined): StoredMappings {
  if (text === undefined) return new Map();
  try {
    const stored = objectAt(JSON.parse(text), 'file');
    if (stored['version'] !== FILE_VERSION) throw new Error('version');
    return new Map(
      Object.entries(objectAt(stored['mappings'], 'mappings')).map(([id, value]) => [id, decodeMapping(value)]),
    );
  } catch (error) {
    throw new RuntimeSetupError(
      `${file} does not contain checkpoints of this version: remove it to read the streams from their start`,
      {
        cause: error,
      },
    );
  }
}

function decodeMapping(value: unknown): StoredMapping {
  const { streamArn, shards } = objectAt(value, 'mapping');
  if (typeof streamArn !== 'string') throw new Error('streamArn');
  const decoded = Object.entries(objectAt(shards, 'shards')).map(([id, at]) => [id, decodeCheckpoint(at)] as const);
  return { streamArn, shards: new Map(decoded) };
}

function decodeCheckpoint(value: unknown): Checkpoint {
  const { at, sequenceNumber } = objectAt(value, 'checkpoint');
  if (at === 'trim-horizon' || at === 'latest' || at === 'finished') return { at };
  if (at !== 'after' || typeof sequenceNumber !== 'string' || !/^\d+$/.test(sequenceNumber))
    throw new Error('checkpoint');
  return { at, sequenceNumber };
}

function objectAt(value: unknown, what: string): { readonly [name: string]: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(what);
  return { ...value };
}
