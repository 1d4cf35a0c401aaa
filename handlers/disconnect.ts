import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { removeConnection } from '../shared/store/subscribers.ts';
import { createLambda } from './lambda.ts';
import { openSubscriptionsTable } from './open-stores.ts';
import type { WebSocketEvent, WebSocketResult } from './web-socket-event.ts';

const { lambda, logger, metrics } = createLambda<WebSocketEvent, WebSocketResult>('disconnect');
const subscriptions = openSubscriptionsTable();

/** $disconnect: deletes all that the connection has. Best effort on AWS's side; TTL and 410 do it otherwise. */
export const handler = lambda.handler(async ({ requestContext }) => {
  const { connectionId, disconnectStatusCode, disconnectReason } = requestContext;
  metrics.addMetric('Disconnects', MetricUnit.Count, 1);
  const records = await removeConnection(subscriptions, connectionId);
  logger.info('disconnected', { connectionId, records, disconnectStatusCode, disconnectReason });
  return { statusCode: 200 };
});
