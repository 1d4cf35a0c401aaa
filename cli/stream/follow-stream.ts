import { setTimeout as sleep } from 'node:timers/promises';
import { CLI_BOUNDS } from '../bounds.ts';
import type { TopicRecord } from './topic-record.ts';
import {
  listShards,
  openShard,
  readPage,
  type ShardPlace,
  type StreamShard,
  type TopicsStream,
} from './topics-stream.ts';

export interface Following {
  /** Go on after this record; undefined: from now on. */
  readonly after: bigint | undefined;
  readonly interrupted: AbortSignal;
  /** Called once, when nothing written from then on will be missed. */
  readonly onReady: () => void;
}

interface Cursor {
  readonly shard: StreamShard;
  /** Undefined: has to be opened again. */
  iterator: string | undefined;
  place: ShardPlace;
  last: bigint;
  ended: boolean;
}

/** The records of the stream as they are written, until interrupted. */
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

/** Takes up shards that are new. One that is read to its end stays known until the stream lists it no more. */
async function discover(
  stream: TopicsStream,
  cursors: Map<string, Cursor>,
  start: (shard: StreamShard) => ShardPlace | 'done',
): Promise<void> {
  const shards = await listShards(stream);
  const listed = new Set(shards.map(({ id }) => id));
  for (const id of cursors.keys()) if (!listed.has(id)) cursors.delete(id);
  for (const shard of shards) {
    if (cursors.has(shard.id)) continue;
    const place = start(shard);
    cursors.set(shard.id, {
      shard,
      iterator: undefined,
      place: place === 'done' ? { at: 'oldest' } : place,
      last: place !== 'done' && 'after' in place ? BigInt(place.after) : -1n,
      ended: place === 'done',
    });
  }
}

/**
 * Where a shard begins that was there from the first. Its numbers tell whether it is before, around or after a place. One engine
 * names a last number for a shard that is still written to, and not always the last: only one that went on in another shard is
 * surely done.
 */
function startOf({ firstNumber, lastNumber, hasChild }: StreamShard, after: bigint | undefined): ShardPlace | 'done' {
  if (hasChild && (after === undefined || (lastNumber !== undefined && lastNumber <= after))) return 'done';
  if (after === undefined) return { at: 'newest' };
  if (firstNumber === undefined || firstNumber > after) return { at: 'oldest' };
  return { after: String(after) };
}

async function pollAll(stream: TopicsStream, cursors: ReadonlyMap<string, Cursor>): Promise<TopicRecord[]> {
  const records: TopicRecord[] = [];
  for (const cursor of cursors.values()) {
    const parent = cursors.get(cursor.shard.parentId ?? '');
    // A child goes on where its parent ended.
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
    if (last !== undefined) [cursor.last, cursor.place] = [BigInt(last), { after: last }];
    return fresh;
  } catch (error) {
    if (!isStale(error)) throw error;
    // Opened again at the same place by the next poll; a place that the stream does not have (any more), at its oldest.
    cursor.iterator = undefined;
    const isLost = error.name !== 'ExpiredIteratorException' && 'after' in cursor.place;
    if (isLost || error.name === 'TrimmedDataAccessException') cursor.place = { at: 'oldest' };
    return [];
  }
}

async function open(stream: TopicsStream, cursor: Cursor): Promise<string | undefined> {
  cursor.iterator = cursor.ended ? undefined : await openShard(stream, cursor.shard.id, cursor.place);
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
    // Interrupted: whoever follows ends.
    if (!interrupted.aborted) throw error;
  });
}
