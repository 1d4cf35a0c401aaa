import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RuntimeSetupError, type Terminal } from '../model.ts';
import { type Clock, systemClock } from './clock.ts';
import { errorNameOf } from './error-name.ts';

/** How long changes gather before the file is written: a crash repeats at most what was handled in that time. */
const WRITE_DELAY_MS = 200;
const FILE_VERSION = 1;

/** Where reading a shard goes on. */
export type Checkpoint =
  | { readonly at: 'trim-horizon' }
  | { readonly at: 'latest' }
  /** Everything up to this stream sequence number is done. */
  | { readonly at: 'after'; readonly sequenceNumber: string }
  /** The shard is closed and everything in it is done. */
  | { readonly at: 'finished' };

/** One mapping on one stream. A stream made anew starts anew, hence its ARN. */
export interface MappingKey {
  readonly uuid: string;
  readonly streamArn: string;
}

/** Keeps how far each mapping has come. Bounded by `retain`: the shards that the stream still lists. */
export interface CheckpointStore {
  /** False before the mapping's first start: only then its StartingPosition counts. */
  readonly knows: (key: MappingKey) => boolean;
  readonly load: (key: MappingKey, shardId: string) => Checkpoint | undefined;
  /** Of all its shards. */
  readonly loadAll: (key: MappingKey) => readonly Checkpoint[];
  readonly save: (key: MappingKey, shardId: string, checkpoint: Checkpoint) => void;
  /** Forgets all shards but these. */
  readonly retain: (key: MappingKey, shardIds: readonly string[]) => void;
  /** Resolves when everything saved is on disk; rejects when that is impossible. */
  readonly flush: () => Promise<void>;
}

interface StoredMapping {
  streamArn: string;
  shards: Map<string, Checkpoint>;
}
type StoredMappings = Map<string, StoredMapping>;

/** Checkpoints that end with the process, for an engine that does too. */
export function createMemoryCheckpoints(): CheckpointStore {
  return createStore(new Map(), { changed: () => undefined, flush: () => Promise.resolve() });
}

/** Checkpoints in a JSON file, read once and written behind. */
export async function openFileCheckpoints(
  file: string,
  deps: { readonly terminal: Terminal; readonly clock?: Clock },
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

/** One write at a time; what changes meanwhile is written by the next. */
function writeBehind(
  write: () => Promise<void>,
  {
    terminal,
    file,
    clock = systemClock,
  }: { readonly terminal: Terminal; readonly file: string; readonly clock?: Clock },
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
    // An earlier write's failure was reported to whoever asked for that one; here it only means: still dirty.
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
    throw new RuntimeSetupError(`${file} holds no checkpoints of this version: remove it to start the streams anew`, {
      cause: error,
    });
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
