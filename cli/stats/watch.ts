import { type ListedHead, listHeads } from '../../shared/store/operator-heads.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { Invocation } from '../command.ts';
import { duration } from '../output.ts';
import { tableOf } from '../table-of.ts';
import { readDeliveries } from './read-deliveries.ts';
import { sampleStream } from './sample-stream.ts';
import { showSnapshot } from './snapshot.ts';
import { createSnapshots, endOf } from './take-snapshot.ts';

/** The interval and the size of a watch. */
export interface Watching {
  readonly everyMs: number;
  /** The number of topics that are shown. */
  readonly limit: number;
}

/**
 * Shows a snapshot every `everyMs` until an interrupt. Topics is scanned once, at the start: later its stream tells
 * which topics changed. A refresh counts WATCHED_SUBSCRIPTIONS subscriptions at most, and does not poll the archive.
 */
export async function watchStats(
  { output, backend, interrupted }: Pick<Invocation, 'output' | 'backend' | 'interrupted'>,
  { everyMs, limit }: Watching,
): Promise<void> {
  const opened = await backend();
  const snapshot = createSnapshots(opened, { topics: limit, subscriptions: CLI_BOUNDS.WATCHED_SUBSCRIPTIONS });
  output.note(`Watching ${opened.stack.name}. Ctrl-C ends it.`);
  const samples = sampleStream(opened, { sampleMs: everyMs, measuresLag: false, interrupted });
  let topics = await listHeads(tableOf(opened, 'topicsTable'));
  for await (const sample of samples) {
    if (interrupted.aborted) return;
    topics = merge(topics, sample.heads);
    opened.logs.forgetUnread();
    const span = { sinceMs: sample.startMs, untilMs: endOf(sample) - 1 };
    const taken = await snapshot(topics, sample, await readDeliveries(opened, span));
    if (interrupted.aborted) return;
    output.clear();
    output.line(`${new Date().toISOString()}, every ${duration(everyMs)}`);
    showSnapshot(output, taken);
    for (const sentence of opened.logs.unread) output.note(sentence);
  }
}

/** Adds the heads that changed, which are the last published; forgets the oldest past SCANNED_ITEMS. */
function merge(topics: readonly ListedHead[], changed: ReadonlyMap<string, ListedHead>): ListedHead[] {
  const newest = [...changed.values()].toSorted((a, b) => publishedAt(b) - publishedAt(a));
  return [...newest, ...topics.filter(({ topic }) => !changed.has(topic))].slice(0, CLI_BOUNDS.SCANNED_ITEMS);
}

const publishedAt = ({ head }: ListedHead): number => head?.publishedAt ?? 0;
