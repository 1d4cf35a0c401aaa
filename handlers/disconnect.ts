import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { removeConnection } from '../shared/store/subscribers.ts';
import { createLambda } from './lambda.ts';
import { openSubscriptionsTable } from './open-stores.ts';
import type { WebSocketEvent, WebSocketResult } from './web-socket-event.ts';

const { lambda, logger, metrics } = createLambda<WebSocketEvent, WebSocketResult>('disconnect');
const subscriptions = openSubscriptionsTable();

/**
 * Handles `$disconnect`: reads the keys of the connection's records and deletes them. API Gateway calls this route on a
 * best-effort basis; records that remain are deleted after a 410, or by their TTL.
 */
export const handler = lambda.handler(async ({ requestContext }) => {
  const { connectionId, disconnectStatusCode, disconnectReason } = requestContext;
  metrics.addMetric('Disconnects', MetricUnit.Count, 1);
  const records = await removeConnection(subscriptions, connectionId);
  logger.info('disconnected', {
    connectionId,
    records,
    disconnectStatusCode: disconnectStatusCode ?? null,
    disconnectReason: disconnectReason ?? null,
  });
  return { statusCode: 200 };
});
