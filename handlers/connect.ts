import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import { connectQuery } from '../shared/protocol/connect-query.ts';
import { faultsIn } from '../shared/protocol/decode-frame.ts';
import { DEFAULT_TOPICS } from '../shared/protocol/topic.ts';
import type { Fault } from '../shared/protocol/server-frames.ts';
import { createLambda } from './lambda.ts';
import { openSubscriptionStore } from './open-stores.ts';
import { callerOf, type WebSocketEvent, type WebSocketResult } from './web-socket-event.ts';

/** The subprotocol of this version. The server returns it to a client that offers it. */
const SUBPROTOCOL = 'distributary.v1';

const { lambda, logger, metrics } = createLambda<WebSocketEvent, WebSocketResult>('connect');
const subscriptions = openSubscriptionStore();

/** The middleware for failed handshakes: logs and counts the error, and answers 500. API Gateway drops a body. */
const refusals: MiddlewareObj<WebSocketEvent, WebSocketResult> = {
  onError: (request) => {
    logger.error('connect failed', { error: request.error });
    metrics.addMetric('FailedConnects', MetricUnit.Count, 1);
    request.response = { statusCode: 500 };
  },
};

/**
 * Handles `$connect`: writes the connection's list and a record for each first topic. Answers 400 for a query with an
 * unknown parameter or an invalid value, 500 when the records could not be written. The log names each fault, but no
 * value of a parameter: an unknown one may be a secret.
 */
export const handler = lambda
  .use(refusals)
  .handler(async ({ requestContext, multiValueQueryStringParameters, headers }) => {
    const { connectionId, eventType } = requestContext;
    const query = connectQuery.safeParse(multiValueQueryStringParameters ?? {});
    if (!query.success) return refuse(connectionId, faultsIn(query.error));
    if (eventType !== 'CONNECT') return refuse(connectionId, [{ path: 'eventType', reason: 'not a handshake' }]);
    const { topics = DEFAULT_TOPICS, batch } = query.data;
    metrics.addMetric('Connects', MetricUnit.Count, 1);
    await subscriptions.open(callerOf(requestContext), topics, batch);
    logger.info('connected', { connectionId, topics: topics.length });
    return { statusCode: 200, ...subprotocolOf(headers) };
  });

function refuse(connectionId: string, details: readonly Fault[]): WebSocketResult {
  metrics.addMetric('RefusedConnects', MetricUnit.Count, 1);
  logger.info('connect refused', { connectionId, details });
  return { statusCode: 400 };
}

function subprotocolOf(headers: WebSocketEvent['headers'] = {}): Pick<WebSocketResult, 'headers'> {
  const name = Object.keys(headers).find((header) => header.toLowerCase() === 'sec-websocket-protocol');
  const offered = (name === undefined ? '' : (headers[name] ?? '')).split(',').map((protocol) => protocol.trim());
  return offered.includes(SUBPROTOCOL) ? { headers: { 'Sec-WebSocket-Protocol': SUBPROTOCOL } } : {};
}
