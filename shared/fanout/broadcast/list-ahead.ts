import type { Subscriber } from '../../store/subscribers.ts';
import type { Change } from '../stream-records.ts';
import { type DeliverBatchDeps, shardsOf } from './deliver-batch.ts';
import { TOPIC_CONCURRENCY } from '../deliver/deliver-frames.ts';

type List = DeliverBatchDeps['listSubscribers'];

/**
 * Begins to list the subscribers of a batch's first topics while the archive is being written. Neither needs the other,
 * and both come after the change records, which is all that a subscription's catch-up relies on. Returns a function
 * that hands out the lists.
 */
export function listAhead({ listSubscribers, sharding }: DeliverBatchDeps, changes: readonly Change[]): List {
  const topics = [...shardsOf(changes)].filter(([, shards]) => sharding === undefined || shards === 1);
  const ahead = new Map<string, Promise<readonly Subscriber[]>>();
  for (const [topic, shards] of topics.slice(0, TOPIC_CONCURRENCY)) {
    const list = collect(() => listSubscribers(topic, shards));
    // A failure is reported to the caller that asks for the list. If none asks, the batch has failed already.
    list.catch(() => undefined);
    ahead.set(topic, list);
  }
  return async function* listed(topic, shards) {
    const list = ahead.get(topic);
    ahead.delete(topic);
    yield* list === undefined ? listSubscribers(topic, shards) : await list;
  };
}

/** Collects a list. A list that throws when it is opened rejects, too. */
const collect = async <T>(list: () => AsyncIterable<T>): Promise<readonly T[]> => Array.fromAsync(list());
