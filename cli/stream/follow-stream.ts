import { setTimeout as sleep } from 'node:timers/promises';
import { CLI_BOUNDS } from '../bounds.ts';
import type { TopicRecord } from './topic-record.ts';
import {
  listStreamShards,
  openShard,
  readPage,
  type ShardPosition,
  type StreamShard,
  type TopicsStream,
} from './topics-stream.ts';

/** A stream that is followed until it is stopped. */
export interface Following {
  /** The record after which to begin; undefined: from now on. */
  readonly after: bigint | undefined;
  readonly interrupted: AbortSignal;
  /** Called once. Every record written after the call is read. */
  readonly onReady: () => void;
}

interface Cursor {
  readonly shard: StreamShard;
  /** The iterator of the next page; undefined: the shard must be opened again. */
  iterator: string | undefined;
  position: ShardPosition;
  last: bigint;
  ended: boolean;
}

/** Follows the stream: returns its records as they are written, until interrupted. */
export async function* followStream(stream: TopicsStream, following: Following): AsyncGenerator<TopicRecord> {
  const { interrupted } = following;
  const cursors = new Map<string, Cursor>();
  await discover(stream, cursors, (shard) => startOf(shard, following.after));
  for (const cursor of cursors.values()) await open(stream, cursor);
  following.onReady();
  let discoverAtMs = Date.now() + CLI_BOUNDS.DISCOVERY_MS;
  while (!interrupted.aborted) {
    const records = await pollAll(stream, cursors);
    yield* records;
    const hasEnded = [...cursors.values()].some(({ ended }) => ended);
    if (hasEnded || Date.now() >= discoverAtMs) {
      await discover(stream, cursors, () => ({ at: 'oldest' }));
      discoverAtMs = Date.now() + CLI_BOUNDS.DISCOVERY_MS;
    }
    if (records.length === 0) await pause(interrupted);
  }
}

/** Adds new shards. A shard that is read to its end stays known until the stream no longer lists it. */
async function discover(
  stream: TopicsStream,
  cursors: Map<string, Cursor>,
  start: (shard: StreamShard) => ShardPosition | 'done',
): Promise<void> {
  const shards = await listStreamShards(stream);
  const listed = new Set(shards.map(({ id }) => id));
  for (const id of cursors.keys()) if (!listed.has(id)) cursors.delete(id);
  for (const shard of shards) {
    if (cursors.has(shard.id)) continue;
    const position = start(shard);
    cursors.set(shard.id, {
      shard,
      iterator: undefined,
      position: position === 'done' ? { at: 'oldest' } : position,
      last: position !== 'done' && 'after' in position ? BigInt(position.after) : -1n,
      ended: position === 'done',
    });
  }
}

/**
 * Returns the position from which a shard of the first listing is read. Its numbers tell whether it lies before, around
 * or after the record. One engine names a last number for an open shard, and not always the true one: only a shard with
 * a child is certainly done.
 */
function startOf(
  { firstNumber, lastNumber, hasChild }: StreamShard,
  after: bigint | undefined,
): ShardPosition | 'done' {
  if (hasChild && (after === undefined || (lastNumber !== undefined && lastNumber <= after))) return 'done';
  if (after === undefined) return { at: 'newest' };
  if (firstNumber === undefined || firstNumber > after) return { at: 'oldest' };
  return { after: String(after) };
}

async function pollAll(stream: TopicsStream, cursors: ReadonlyMap<string, Cursor>): Promise<TopicRecord[]> {
  const records: TopicRecord[] = [];
  for (const cursor of cursors.values()) {
    const parent = cursors.get(cursor.shard.parentId ?? '');
    // A child continues where its parent ended.
    if (!cursor.ended && parent?.ended !== false) records.push(...(await poll(stream, cursor)));
  }
  return records;
}

async function poll(stream: TopicsStream, cursor: Cursor): Promise<TopicRecord[]> {
  try {
    cursor.iterator ??= await open(stream, cursor);
    const { records, next } = await readPage(stream, cursor.iterator ?? '');
    cursor.iterator = next;
    cursor.ended = next === undefined;
    const fresh = records.filter(({ streamSequenceNumber }) => BigInt(streamSequenceNumber) > cursor.last);
    const last = fresh.at(-1)?.streamSequenceNumber;
    if (last !== undefined) [cursor.last, cursor.position] = [BigInt(last), { after: last }];
    return fresh;
  } catch (error) {
    if (!isStale(error)) throw error;
    // The next poll opens the shard at the same position, or at the oldest if the stream no longer has that position.
    cursor.iterator = undefined;
    const isLost = error.name !== 'ExpiredIteratorException' && 'after' in cursor.position;
    if (isLost || error.name === 'TrimmedDataAccessException') cursor.position = { at: 'oldest' };
    return [];
  }
}

async function open(stream: TopicsStream, cursor: Cursor): Promise<string | undefined> {
  cursor.iterator = cursor.ended ? undefined : await openShard(stream, cursor.shard.id, cursor.position);
  return cursor.iterator;
}

const STALE: ReadonlySet<string> = new Set([
  'ExpiredIteratorException',
  'TrimmedDataAccessException',
  'ValidationException',
]);

const isStale = (error: unknown): error is Error => error instanceof Error && STALE.has(error.name);

async function pause(interrupted: AbortSignal): Promise<void> {
  await sleep(CLI_BOUNDS.POLL_MS, undefined, { signal: interrupted }).catch((error: unknown) => {
    // Interrupted: the loop of followStream ends.
    if (!interrupted.aborted) throw error;
  });
}
