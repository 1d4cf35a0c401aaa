import { randomUUID } from 'node:crypto';
import { ENVIRONMENT, requiredText } from '../shared/config.ts';
import { createClient, createUnretriedClient } from '../shared/store/client.ts';
import type { SubscriberStoreDeps } from '../shared/store/subscribers.ts';
import { createShardDirectory } from '../shared/store/shard-directory.ts';
import { createSubscriptionStore, type SubscriptionStore } from '../shared/store/subscriptions.ts';
import { createTopicStore, type TopicStore } from '../shared/store/topics.ts';
import { traceIdIn } from '../shared/store/trace-id.ts';

/**
 * The composition root of the routes: the only place where their AWS clients and the environment are read. Each is
 * opened at cold start by the Lambdas that use it, and by no other.
 */
export const openTopicStore = (): TopicStore =>
  createTopicStore({
    client: createClient(),
    unretriedClient: createUnretriedClient(),
    topicsTable: requiredText(ENVIRONMENT.topicsTable),
    keysTable: requiredText(ENVIRONMENT.keysTable),
    now: Date.now,
    newEpoch: () => randomUUID().slice(0, 8),
    // Lambda sets it anew for each invocation, one at a time in each environment.
    traceId: () => traceIdIn(process.env['_X_AMZN_TRACE_ID']),
  });

export const openSubscriptionStore = (): SubscriptionStore => {
  const table = openSubscriptionsTable();
  return createSubscriptionStore({
    ...table,
    requestId: randomUUID,
    shardsOf: createShardDirectory({ ...table, now: Date.now }),
  });
};

/** What reads and deletes records of subscriptions. */
export const openSubscriptionsTable = (): SubscriberStoreDeps => ({
  client: createClient(),
  table: requiredText(ENVIRONMENT.subscriptionsTable),
});
