import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import { LIMITS } from '../shared/protocol/limits.ts';
import { DEFAULT_TOPICS, isTopic } from '../shared/protocol/topic.ts';
import { createLambda } from './lambda.ts';
import { openSubscriptionStore } from './open-stores.ts';
import type { WebSocketEvent, WebSocketResult } from './web-socket-event.ts';

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
 * Handles `$connect`: writes the connection's list and a record for each first topic. Answers 400 for invalid topics or
 * too many of them, 500 when the records could not be written.
 */
export const handler = lambda
  .use(refusals)
  .handler(async ({ requestContext, multiValueQueryStringParameters, headers }) => {
    const topics = topicsOf(multiValueQueryStringParameters?.['topics']);
    const isAccepted = topics !== undefined && requestContext.eventType === 'CONNECT';
    metrics.addMetric(isAccepted ? 'Connects' : 'RefusedConnects', MetricUnit.Count, 1);
    if (!isAccepted) return { statusCode: 400 };
    const isBatched = multiValueQueryStringParameters?.['batch']?.includes('true') === true;
    await subscriptions.open(requestContext, topics, isBatched ? true : undefined);
    logger.info('connected', { connectionId: requestContext.connectionId, topics: topics.length });
    return { statusCode: 200, ...subprotocolOf(headers) };
  });

/**
 * Returns the topics of all `topics` parameters of the URL (`?topics=a,b`), without repeats; the default topics if
 * there is no such parameter, and none if it is empty. Undefined if a name is invalid or there are too many.
 */
function topicsOf(parameters: readonly string[] | undefined): readonly string[] | undefined {
  if (parameters === undefined) return DEFAULT_TOPICS;
  const topics = [
    ...new Set(
      parameters
        .join(',')
        .split(',')
        .filter((topic) => topic !== ''),
    ),
  ];
  return topics.length <= LIMITS.TOPICS_PER_CONNECTION && topics.every(isTopic) ? topics : undefined;
}

function subprotocolOf(headers: WebSocketEvent['headers'] = {}): Pick<WebSocketResult, 'headers'> {
  const name = Object.keys(headers).find((header) => header.toLowerCase() === 'sec-websocket-protocol');
  const offered = (name === undefined ? '' : (headers[name] ?? '')).split(',').map((protocol) => protocol.trim());
  return offered.includes(SUBPROTOCOL) ? { headers: { 'Sec-WebSocket-Protocol': SUBPROTOCOL } } : {};
}
