import { setTimeout as sleep } from 'node:timers/promises';
import type { Head } from '../../shared/store/head.ts';
import type { ListedHead } from '../../shared/store/operator-heads.ts';
import { isArchived } from '../../shared/store/operator-messages.ts';
import { decodeShards } from '../../shared/store/topic-shards.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { followStream } from '../stream/follow-stream.ts';
import type { TopicRecord } from '../stream/topic-record.ts';
import { findTopicsStream } from '../stream/topics-stream.ts';
import { tableOf } from '../table-of.ts';

/** A sample of the stream. */
export interface Sample {
  readonly seconds: number;
  readonly changes: ReadonlyMap<string, number>;
  /** The newest head of each topic that changed. */
  readonly heads: ReadonlyMap<string, ListedHead>;
  /** The lags from a publish until the archive had it, an upper bound. Measured in a deployed stack only. */
  readonly lagsMs: readonly number[];
  /** The number of messages that the archive did not have in time. */
  readonly late: number;
  readonly startMs: number;
}

/** The length of the samples, and the measurements beside the count. */
export interface Sampling {
  readonly sampleMs: number;
  /** Whether lags to the archive are measured. They cost up to LAG_MESSAGES polls of the archive at once. */
  readonly measuresLag: boolean;
  readonly interrupted: AbortSignal;
}

const MS_PER_SECOND = 1_000;
const LAG_POLL_MS = 10;

/**
 * Follows the stream and returns a sample every `sampleMs`, until the caller stops. An interrupt ends the sample in
 * progress, which is the last.
 */
export async function* sampleStream(backend: Backend, sampling: Sampling): AsyncGenerator<Sample> {
  const stop = new AbortController();
  const failed = new AbortController();
  const interrupted = AbortSignal.any([sampling.interrupted, stop.signal]);
  const ready = Promise.withResolvers<void>();
  let open = openSample(backend, sampling);
  const following = (async () => {
    const stream = await findTopicsStream(backend);
    for await (const record of followStream(stream, { after: undefined, interrupted, onReady: ready.resolve }))
      open.add(record);
  })()
    .catch((error: unknown) => failed.abort(error))
    .finally(ready.resolve);
  try {
    await ready.promise;
    open = openSample(backend, sampling);
    do {
      await pause(sampling.sampleMs, AbortSignal.any([interrupted, failed.signal]));
      failed.signal.throwIfAborted();
      const full = open;
      open = openSample(backend, sampling);
      yield await full.close();
    } while (!interrupted.aborted);
  } finally {
    stop.abort();
    await following;
  }
}

/** A sample in progress. */
interface OpenSample {
  readonly add: (record: TopicRecord) => void;
  readonly close: () => Promise<Sample>;
}

function openSample(backend: Backend, { measuresLag }: Sampling): OpenSample {
  const startMs = Date.now();
  const changes = new Map<string, number>();
  const heads = new Map<string, ListedHead>();
  const lags: Promise<number | undefined>[] = [];
  return {
    add: (record) => {
      if (record.kind === 'poison') heads.set(record.topic, { topic: record.topic, head: undefined, shards: 1 });
      if (record.kind !== 'change') return;
      const { head, image } = record;
      changes.set(head.topic, (changes.get(head.topic) ?? 0) + 1);
      heads.set(head.topic, { topic: head.topic, head, shards: decodeShards(image) });
      // The local runtime's logs tell more, and cost the tables nothing.
      const isFollowed = measuresLag && !backend.stack.isLocal && head.kind === 'message';
      if (isFollowed && lags.length < CLI_BOUNDS.LAG_MESSAGES) lags.push(lagOf(backend, head));
    },
    close: async () => {
      const seconds = (Date.now() - startMs) / MS_PER_SECOND;
      const measured = await Promise.all(lags);
      const lagsMs = measured.filter((lag) => lag !== undefined).toSorted((a, b) => a - b);
      return { startMs, seconds, changes, heads, lagsMs, late: measured.length - lagsMs.length };
    },
  };
}

/** Waits for a time, or until the signal is aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/**
 * Polls the archive until it has the message; resolves to the time since the publish, or undefined past LAG_WAIT_MS.
 */
async function lagOf(backend: Backend, { topic, seq, publishedAt }: Head): Promise<number | undefined> {
  const archive = tableOf(backend, 'messagesTable');
  const endMs = Date.now() + CLI_BOUNDS.LAG_WAIT_MS;
  while (Date.now() < endMs) {
    if (await isArchived(archive, { topic, seq })) return Math.max(0, Date.now() - publishedAt);
    await sleep(LAG_POLL_MS);
  }
  return undefined;
}
