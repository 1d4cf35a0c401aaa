import { removeConnection } from '../shared/store/subscribers.ts';
import { createLambda } from './lambda.ts';
import { openSubscriptionsTable } from './stores.ts';
import type { WebSocketEvent, WebSocketResult } from './web-socket-event.ts';

const { lambda, logger } = createLambda<WebSocketEvent, WebSocketResult>('disconnect');
const subscriptions = openSubscriptionsTable();

/** $disconnect: deletes all that the connection has. Best effort on AWS's side; TTL and 410 do it otherwise. */
export const handler = lambda.handler(async ({ requestContext }) => {
  const { eventType, connectionId, disconnectStatusCode, disconnectReason } = requestContext;
  if (eventType !== 'DISCONNECT') return { statusCode: 400 };
  const records = await removeConnection(subscriptions, connectionId);
  logger.info('disconnected', { connectionId, records, disconnectStatusCode, disconnectReason });
  return { statusCode: 200 };
});
