import type { ListedHead } from '../../shared/store/operator-heads.ts';
import { countSubscribers } from '../../shared/store/operator-connections.ts';
import type { Backend } from '../backend.ts';
import { listFailures } from '../failures/failure-store.ts';
import { tableOf } from '../table-of.ts';
import type { Deliveries } from './read-deliveries.ts';
import type { Sample } from './sample-stream.ts';
import type { StatsSnapshot } from './snapshot.ts';
import { createSubscriberCounts } from './subscriber-counts.ts';
import { topicStats } from './topic-stats.ts';

/** The bounds of a snapshot. */
export interface SnapshotBounds {
  /** The number of topics that are shown. */
  readonly topics: number;
  /** The number of subscriptions that are counted. */
  readonly subscriptions: number;
}

const MS_PER_SECOND = 1_000;

/** Returns a function that takes a snapshot: of the topics that it is given, the last published first. */
export function createSnapshots(backend: Backend, { topics: most, subscriptions }: SnapshotBounds) {
  const table = tableOf(backend, 'subscriptionsTable');
  const countAll = createSubscriberCounts((topic, limit) => countSubscribers(table, topic, limit), subscriptions);
  return async (
    heads: readonly ListedHead[],
    sample: Sample,
    deliveries: Deliveries | undefined,
  ): Promise<StatsSnapshot> => {
    const shown = heads.slice(0, most);
    const counts = await countAll(shown);
    return {
      sample,
      deliveries,
      topics: shown.map((head) => topicStats(head, sample, counts.get(head.topic))),
      topicsInAll: heads.length,
      failures: (await listFailures(backend)).length,
    };
  };
}

/** Returns the end of a sample in epoch milliseconds. */
export const endOf = ({ startMs, seconds }: Sample): number => startMs + Math.round(seconds * MS_PER_SECOND);
