import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { ENVIRONMENT, requiredCount } from '../shared/config.ts';
import {
  type BroadcastDeps,
  type BroadcastEvent,
  type BroadcastSummary,
  broadcast,
} from '../shared/fanout/broadcast.ts';
import { archiveMessages } from '../shared/store/messages.ts';
import { listSubscribers, removeConnection } from '../shared/store/subscribers.ts';
import { openFanout } from './fanout.ts';
import { createLambda } from './lambda.ts';

const SECONDS_PER_HOUR = 3_600;

const { lambda, logger, metrics } = createLambda<DynamoDBStreamEvent, DynamoDBBatchResponse>('broadcast');
const { delivery, subscriptions, messages } = openFanout(logger);
const retentionSeconds = requiredCount(ENVIRONMENT.messageRetentionHours) * SECONDS_PER_HOUR;

const deps: BroadcastDeps = {
  ...delivery,
  archive: (archived) => archiveMessages(messages, archived, retentionSeconds),
  listSubscribers: (topic) => listSubscribers(subscriptions, topic),
  removeConnection: (connectionId) => removeConnection(subscriptions, connectionId),
  report,
};

/** The stream of Topics: delivers each change to those who are subscribed to its topic. */
export const handler = lambda.handler(async ({ Records }) => {
  const failedFrom = await broadcast(deps, Records);
  return { batchItemFailures: failedFrom === undefined ? [] : [{ itemIdentifier: failedFrom }] };
});

function report(event: BroadcastEvent): void {
  switch (event.event) {
    case 'broadcast':
      logger.info('broadcast', { ...event.summary });
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
