import type { Subscriber } from '../../store/subscribers.ts';
import type { Change } from '../stream-records.ts';
import { shardsOf, type Sharding } from './deliver-batch.ts';
import { listAudience, type ListAudienceDeps } from './list-audience.ts';
import { TOPIC_CONCURRENCY } from '../deliver/deliver-frames.ts';

/** The dependencies of listing the audiences of a batch. */
export interface ListAheadDeps extends ListAudienceDeps {
  readonly sharding?: Sharding | undefined;
}

/** Lists the audience of a topic: the subscribers in its first `shards` shards, and those of the wildcards over it. */
export type ListAudience = (topic: string, shards: number) => Promise<readonly Subscriber[]>;

/**
 * Begins to list the audiences of a batch's first topics while the archive is being written. Neither needs the other,
 * and both come after the change records, which is all that a subscription's catch-up relies on. Returns a function
 * that hands out the lists.
 */
export function listAhead(deps: ListAheadDeps, changes: readonly Change[]): ListAudience {
  const topics = [...shardsOf(changes)].filter(([, shards]) => deps.sharding === undefined || shards === 1);
  const ahead = new Map<string, Promise<readonly Subscriber[]>>();
  for (const [topic, shards] of topics.slice(0, TOPIC_CONCURRENCY)) {
    const list = listAudience(deps, topic, shards);
    // A failure is reported to the caller that asks for the list. If none asks, the batch has failed already.
    list.catch(() => undefined);
    ahead.set(topic, list);
  }
  return (topic, shards) => {
    const list = ahead.get(topic);
    ahead.delete(topic);
    return list ?? listAudience(deps, topic, shards);
  };
}
