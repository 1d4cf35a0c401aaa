import { CLI_BOUNDS } from '../bounds.ts';
import type { TopicRecord } from './topic-record.ts';
import { listStreamShards, openShard, readPage, type StreamShard, type TopicsStream } from './topics-stream.ts';

/** Reads all records of the stream since a time, up to now. The changes of one topic come in order. */
export async function* readStream(stream: TopicsStream, fromMs: number): AsyncGenerator<TopicRecord> {
  for (const shard of await listStreamShards(stream)) yield* readShard(stream, shard, fromMs);
}

async function* readShard(stream: TopicsStream, shard: StreamShard, fromMs: number): AsyncGenerator<TopicRecord> {
  const endMs = Date.now();
  let emptyPages = 0;
  let iterator = await openShard(stream, shard.id, { at: 'oldest' });
  // An open shard has no end: it is read until its pages are empty, or its records were written after this began.
  while (iterator !== undefined && emptyPages < CLI_BOUNDS.EMPTY_PAGES) {
    const { records, next } = await readPage(stream, iterator);
    // The stream truncates its times.
    yield* records.filter(({ createdAtMs }) => createdAtMs >= Math.floor(fromMs / PRECISION_MS) * PRECISION_MS);
    const last = records.at(-1);
    if (last !== undefined && last.createdAtMs > endMs) return;
    emptyPages = last === undefined ? emptyPages + 1 : 0;
    iterator = next;
  }
}

/**
 * The precision in ms of a stream's times: one engine truncates to the minute. A record too early is filtered later.
 */
const PRECISION_MS = 60_000;
