import type { ListedHead } from '../../shared/store/operator-heads.ts';

/** A count of a topic's subscribers. */
export interface SubscriberCount {
  readonly subscribers: number;
  /** Whether counting stopped before the end: there are more. */
  readonly hasMore: boolean;
}

/** Counts the subscribers of a topic, up to `most`. */
type Count = (topic: ListedHead, most: number) => Promise<number>;

/**
 * Returns a function that counts the subscribers of topics. A call counts `budget` subscriptions at most, and then
 * returns the counts of earlier calls for the other topics; the next call continues with these. A topic with more than
 * the rest of the budget is counted first in the next call.
 */
export function createSubscriberCounts(
  count: Count,
  budget: number,
): (topics: readonly ListedHead[]) => Promise<ReadonlyMap<string, SubscriberCount>> {
  let known: ReadonlyMap<string, SubscriberCount> = new Map();
  return async (topics) => {
    const shown = new Set(topics.map(({ topic }) => topic));
    const counts = new Map([...known].filter(([topic]) => shown.has(topic)));
    let left = budget;
    for (const topic of waiting(topics, known)) {
      // One more than is left: so it shows whether there are more.
      const found = await count(topic, left + 1);
      const hasMore = found > left;
      if (hasMore && left < budget) break;
      const subscribers = Math.min(found, left);
      left -= subscribers;
      // Deleted first, so that the map is in the order of the counts: the oldest is the next to be counted again.
      counts.delete(topic.topic);
      counts.set(topic.topic, { subscribers, hasMore });
      if (left <= 0) break;
    }
    known = counts;
    return counts;
  };
}

/** Sorts topics by their last count: those without one first, then the oldest count first. */
function waiting(topics: readonly ListedHead[], known: ReadonlyMap<string, SubscriberCount>): ListedHead[] {
  const order = new Map([...known.keys()].map((topic, index) => [topic, index] as const));
  return topics.toSorted((a, b) => (order.get(a.topic) ?? -1) - (order.get(b.topic) ?? -1));
}
