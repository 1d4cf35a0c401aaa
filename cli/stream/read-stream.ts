import { CLI_BOUNDS } from '../bounds.ts';
import type { TopicRecord } from './topic-record.ts';
import { listShards, openShard, readPage, type StreamShard, type TopicsStream } from './topics-stream.ts';

/** All that the stream has of a time on, up to now; the changes of one topic in their order. */
export async function* readStream(stream: TopicsStream, fromMs: number): AsyncGenerator<TopicRecord> {
  for (const shard of await listShards(stream)) yield* readShard(stream, shard, fromMs);
}

async function* readShard(stream: TopicsStream, shard: StreamShard, fromMs: number): AsyncGenerator<TopicRecord> {
  const endMs = Date.now();
  let emptyPages = 0;
  let iterator = await openShard(stream, shard.id, { at: 'oldest' });
  // Open shards have no end: they are read until nothing comes, or what comes was written after this began.
  while (iterator !== undefined && emptyPages < CLI_BOUNDS.EMPTY_PAGES) {
    const { records, next } = await readPage(stream, iterator);
    // The stream tells times cut off.
    yield* records.filter(({ createdAtMs }) => createdAtMs >= Math.floor(fromMs / PRECISION_MS) * PRECISION_MS);
    const last = records.at(-1);
    if (last !== undefined && last.createdAtMs > endMs) return;
    emptyPages = last === undefined ? emptyPages + 1 : 0;
    iterator = next;
  }
}

/** One engine cuts times to the minute: what it tells too early is better read than missed, and is looked at again. */
const PRECISION_MS = 60_000;
