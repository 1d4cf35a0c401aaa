import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ENVIRONMENT, readAuth, readJson, requiredText } from '../shared/config.ts';
import { createRateLimiter, type RateLimiterDeps } from '../shared/rates/rate-limiter.ts';
import { readRateLimits } from '../shared/rates/rate-limits.ts';
import { createGate, type Gate } from './gate.ts';
import { createFrameLimits, type FrameLimits } from './frame-limits.ts';
import { createClient, createUnretriedClient } from '../shared/store/client.ts';
import { type HistoryRange, requestHistory } from '../shared/store/history-request.ts';
import type { ConnectionRef } from '../shared/store/subscription-record.ts';
import type { SubscriberStoreDeps } from '../shared/store/subscribers.ts';
import { takeFromBucket } from '../shared/store/shared-bucket.ts';
import { createShardDirectory } from '../shared/store/shard-directory.ts';
import { createSubscriptionStore, type SubscriptionStore } from '../shared/store/subscriptions.ts';
import { createTopicStore, type TopicStore, type TopicStoreDeps } from '../shared/store/topics.ts';
import { traceIdIn } from '../shared/store/trace-id.ts';

/**
 * Opens the write side of topics. This file is the composition root of the routes: the only place where their AWS
 * clients are created and their environment is read. A Lambda opens, at cold start, only the stores that it uses.
 */
export const openTopicStore = (options: Pick<TopicStoreDeps, 'keySeconds'> = {}): TopicStore =>
  createTopicStore({
    ...options,
    client: createClient(),
    unretriedClient: createUnretriedClient(),
    topicsTable: requiredText(ENVIRONMENT.topicsTable),
    keysTable: requiredText(ENVIRONMENT.keysTable),
    now: Date.now,
    newEpoch: () => randomUUID().slice(0, 8),
    // Lambda sets this variable for each invocation; an environment runs one invocation at a time.
    traceId: () => traceIdIn(process.env['_X_AMZN_TRACE_ID']),
  });

/** Opens the gate of a route: it checks frames where the stack authenticates its connections. */
export const openGate = (): Gate => createGate({ isOn: readAuth(), now: Date.now });

/**
 * Opens the rate limits of a route. A stack without limits has no such variable, and its routes count nothing.
 * `onFailure` receives the reason for which a use could not be counted in the shared bucket.
 */
export function openFrameLimits(onFailure: (error: unknown) => void): FrameLimits | undefined {
  const setting = readJson(ENVIRONMENT.rateLimits);
  if (setting === undefined) return undefined;
  const keysTable = requiredText(ENVIRONMENT.keysTable);
  // A client of DynamoDB costs time at a cold start, and honest senders never come to need this one.
  let client: DynamoDBClient | undefined;
  const takeShared: RateLimiterDeps['takeShared'] = (use) =>
    takeFromBucket({ client: (client ??= createUnretriedClient()), keysTable }, use);
  return createFrameLimits(readRateLimits(setting), createRateLimiter({ takeShared, onFailure, now: Date.now }));
}

/** Opens the write side of subscriptions, with the shard directory that the routes use. */
export const openSubscriptionStore = (table = openSubscriptionsTable()): SubscriptionStore =>
  createSubscriptionStore({
    ...table,
    requestId: randomUUID,
    shardsOf: createShardDirectory({ ...table, now: Date.now }),
  });

/** Opens what a route writes that subscribes: subscriptions, and requests for older messages. */
export const openSubscribeStores = () => {
  const table = openSubscriptionsTable();
  return {
    subscriptions: openSubscriptionStore(table),
    requestHistory: (connection: ConnectionRef, range: HistoryRange) =>
      requestHistory({ ...table, requestId: randomUUID }, connection, range),
  };
};

/** Opens the table Subscriptions, for the Lambdas that read or delete its records. */
export const openSubscriptionsTable = (): SubscriberStoreDeps => ({
  client: createClient(),
  table: requiredText(ENVIRONMENT.subscriptionsTable),
});
