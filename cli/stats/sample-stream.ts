import { setTimeout as sleep } from 'node:timers/promises';
import type { Head } from '../../shared/store/head.ts';
import { isArchived } from '../../shared/store/operator-messages.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { followStream } from '../stream/follow-stream.ts';
import { findTopicsStream } from '../stream/topics-stream.ts';
import { tableOf } from '../table-of.ts';

/** A sample of the stream. */
export interface Sample {
  readonly seconds: number;
  readonly changes: ReadonlyMap<string, number>;
  /** The lags from a publish until the archive had it, an upper bound. Measured in a deployed stack only. */
  readonly lagsMs: readonly number[];
  /** The number of messages that the archive did not have in time. */
  readonly late: number;
  readonly startMs: number;
}

const MS_PER_SECOND = 1_000;
const LAG_POLL_MS = 10;

/** Watches the stream for `sampleMs`, or until interrupted. */
export async function sampleStream(backend: Backend, sampleMs: number, interrupted: AbortSignal): Promise<Sample> {
  const changes = new Map<string, number>();
  const lags: Promise<number | undefined>[] = [];
  const stop = AbortSignal.any([interrupted, AbortSignal.timeout(sampleMs)]);
  const startMs = Date.now();
  const following = { after: undefined, interrupted: stop, onReady: () => undefined };
  for await (const record of followStream(await findTopicsStream(backend), following)) {
    if (record.kind !== 'change') continue;
    const { head } = record;
    changes.set(head.topic, (changes.get(head.topic) ?? 0) + 1);
    // The local runtime's logs tell more, and cost the tables nothing.
    const isFollowed = !backend.stack.isLocal && head.kind === 'message' && lags.length < CLI_BOUNDS.LAG_MESSAGES;
    if (isFollowed) lags.push(lagOf(backend, head));
  }
  const endMs = Date.now();
  const measured = await Promise.all(lags);
  const lagsMs = measured.filter((lag) => lag !== undefined);
  return {
    startMs,
    seconds: (endMs - startMs) / MS_PER_SECOND,
    changes,
    lagsMs: lagsMs.toSorted((a, b) => a - b),
    late: measured.length - lagsMs.length,
  };
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
