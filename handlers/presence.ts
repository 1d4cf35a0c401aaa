import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { ENVIRONMENT, requiredText } from '../shared/config.ts';
import { streamSequenceNumberOf } from '../shared/fanout/stream-records.ts';
import { type PresenceDeps, announcePresence } from '../shared/fanout/presence/presence.ts';
import { decodePresenceRecord } from '../shared/fanout/stream-records.ts';
import { listMembers, listWatchers } from '../shared/store/presence.ts';
import { removeConnection } from '../shared/store/subscribers.ts';
import { openDelivery } from './open-fanout.ts';
import { createLambda } from './lambda.ts';
import { openSubscriptionsTable } from './open-stores.ts';

const { lambda, logger, metrics } = createLambda<DynamoDBStreamEvent, DynamoDBBatchResponse>('presence');
const subscriptions = openSubscriptionsTable();
const members = { ...subscriptions, topicsTable: requiredText(ENVIRONMENT.topicsTable) };

const deps: PresenceDeps = {
  ...openDelivery(logger),
  listWatchers: (topic) => listWatchers(subscriptions, topic),
  listMembers: (topic) => listMembers(members, topic),
  removeConnection: (connectionId) => removeConnection(subscriptions, connectionId),
  report: ({ event, ...details }) => logger.error(event, { ...details }),
};

/**
 * Handles the stream of Subscriptions: sends `presence` frames to the connections that asked for them when members of a
 * topic join or leave. A batch that is not done is retried as a whole.
 */
export const handler = lambda.handler(async ({ Records }) => {
  const events = Records.flatMap((record) => decodePresenceRecord(record) ?? []);
  const { isDone, results } = await announcePresence(deps, events);
  metrics.addMetric('PresenceFrames', MetricUnit.Count, results.length);
  logger.info('presence', { records: Records.length, deliveries: results.length, isDone });
  const [first] = Records;
  if (isDone || first === undefined) return { batchItemFailures: [] };
  return { batchItemFailures: [{ itemIdentifier: streamSequenceNumberOf(first) }] };
});
