import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { ENVIRONMENT, requiredCount, requiredText } from '../shared/config.ts';
import { type BroadcastDeps, type BroadcastEvent, broadcast } from '../shared/fanout/broadcast/broadcast.ts';
import type { BroadcastSummary } from '../shared/fanout/broadcast/broadcast-summary.ts';
import { createCounterPace } from '../shared/fanout/broadcast/counter-pace.ts';
import { createDeliveredMemory } from '../shared/fanout/deliver/delivered-memory.ts';
import { createLambdaShardWorker } from '../shared/fanout/shards/lambda-shard-worker.ts';
import { createTopicGrowth } from '../shared/fanout/broadcast/topic-growth.ts';
import { archiveMessages } from '../shared/store/messages.ts';
import { listSubscribers, removeConnection } from '../shared/store/subscribers.ts';
import { growTopic, type TopicShardsDeps } from '../shared/store/topic-shards.ts';
import { createWildcardReader } from '../shared/store/wildcard-directory.ts';
import { retentionFinder } from '../shared/topics/topic-settings.ts';
import { openDebts, openEnds, openFanout } from './open-fanout.ts';
import { createLambda } from './lambda.ts';
import { openTopicSettings } from './open-stores.ts';

const { lambda, logger, metrics } = createLambda<DynamoDBStreamEvent, DynamoDBBatchResponse>('broadcast');
const { delivery, subscriptions, messages } = openFanout(logger);
const retentionOf = retentionFinder(openTopicSettings(), requiredCount(ENVIRONMENT.messageRetentionHours));

const tables = { topicsTable: requiredText(ENVIRONMENT.topicsTable), subscriptionsTable: subscriptions.table };
const shards: TopicShardsDeps = { client: subscriptions.client, ...tables, now: Date.now };

const deps: BroadcastDeps = {
  ...delivery,
  archive: (archived) => archiveMessages(messages, archived, retentionOf),
  listSubscribers: (topic, count) => listSubscribers(subscriptions, topic, count),
  wildcardsOver: createWildcardReader({ ...subscriptions, now: Date.now }),
  removeConnection: (connectionId) => removeConnection(subscriptions, connectionId),
  noteDebts: openDebts(logger, subscriptions),
  endConnections: openEnds(logger, subscriptions),
  report,
  pace: createCounterPace(Date.now),
  sharding: {
    invoke: createLambdaShardWorker(requiredText(ENVIRONMENT.shardWorkerFunction)),
    delivered: createDeliveredMemory(Date.now),
    noteSize: createTopicGrowth({ grow: (topic, count) => growTopic(shards, topic, count), report, now: Date.now }),
  },
};

/**
 * Handles the stream of Topics: delivers each change to the subscribers of its topic. On a failure it names the first
 * record to retry; Lambda then retries the batch from there.
 */
export const handler = lambda.handler(async ({ Records }) => {
  const failedFrom = await broadcast(deps, Records);
  return { batchItemFailures: failedFrom === undefined ? [] : [{ itemIdentifier: failedFrom }] };
});

function report(event: BroadcastEvent): void {
  switch (event.event) {
    case 'broadcast':
      for (const line of event.summary.lines) logger.info('broadcast', { ...line });
      return measure(event.summary);
    case 'callback-down':
      return logger.error('callback endpoint down', { connections: event.connections });
    default:
      return logger.error(event.event, { subject: event.subject, error: event.error });
  }
}

function measure({ delivered, gone, throttled, failed, lagMs }: BroadcastSummary): void {
  metrics.addMetric('Delivered', MetricUnit.Count, delivered);
  metrics.addMetric('Gone', MetricUnit.Count, gone);
  metrics.addMetric('Throttled', MetricUnit.Count, throttled);
  metrics.addMetric('Undelivered', MetricUnit.Count, failed);
  if (lagMs !== undefined) metrics.addMetric('DeliveryLag', MetricUnit.Milliseconds, lagMs);
}
