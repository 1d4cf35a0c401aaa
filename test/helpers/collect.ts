import type { Gap, Recovered, Subscription } from '../../client/src/index.ts';

/** Writes down all that a subscription tells of. */
export function collect(subscription: Subscription) {
  const seqs: number[] = [];
  const data: unknown[] = [];
  const gaps: Gap[] = [];
  const recoveries: Recovered[] = [];
  subscription.on('message', (message) => {
    seqs.push(message.seq);
    data.push(message.data);
  });
  subscription.on('gap', (gap) => gaps.push(gap));
  subscription.on('recovered', (recovered) => recoveries.push(recovered));
  return { topic: subscription.topic, subscription, seqs, data, gaps, recoveries };
}
