import type { Subscriber } from '../../store/subscribers.ts';
import { FANOUT_BOUNDS } from '../bounds.ts';
import type { Change } from '../stream-records.ts';
import { type DeliverChangesDeps, shardsOf } from './deliver-batch.ts';

type List = DeliverChangesDeps['listSubscribers'];

/**
 * Begins to list the subscribers of a batch's first topics, so that the lists are there when the archive is written: neither
 * needs the other, and both come after the change records, which is all that a subscription's catch-up relies on.
 */
export function listAhead({ listSubscribers, sharding }: DeliverChangesDeps, changes: readonly Change[]): List {
  const topics = [...shardsOf(changes)].filter(([, shards]) => sharding === undefined || shards === 1);
  const ahead = new Map<string, Promise<readonly Subscriber[]>>();
  for (const [topic, shards] of topics.slice(0, FANOUT_BOUNDS.TOPIC_CONCURRENCY)) {
    const list = collect(() => listSubscribers(topic, shards));
    // Told of when it is asked for. Should nobody ask, the batch has failed already.
    list.catch(() => undefined);
    ahead.set(topic, list);
  }
  return async function* listed(topic, shards) {
    const list = ahead.get(topic);
    ahead.delete(topic);
    yield* list === undefined ? listSubscribers(topic, shards) : await list;
  };
}

/** A list that throws as it begins is one that rejects. */
const collect = async <T>(list: () => AsyncIterable<T>): Promise<readonly T[]> => Array.fromAsync(list());
