import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import { isPermitted, type Principal } from '../shared/auth/permissions.ts';
import { ClientError } from '../shared/errors.ts';
import { connectQuery, type FirstTopic } from '../shared/protocol/connect-query.ts';
import { faultsIn } from '../shared/protocol/decode-frame.ts';
import type { ErrorCode } from '../shared/protocol/error-codes.ts';
import { DEFAULT_TOPICS } from '../shared/protocol/topic.ts';
import type { Fault } from '../shared/protocol/server-frames.ts';
import { weightOfPositions } from '../shared/rates/weights.ts';
import { createLambda } from './lambda.ts';
import { openFrameLimits, openGate, openRates, openSubscriptionStore } from './open-stores.ts';
import { callerOf, type WebSocketEvent, type WebSocketResult } from './web-socket-event.ts';

/** The subprotocol of this version. The server returns it to a client that offers it. */
const SUBPROTOCOL = 'distributary.v1';

const { lambda, logger, metrics } = createLambda<WebSocketEvent, WebSocketResult>('connect');
const subscriptions = openSubscriptionStore();
const gate = openGate();
const limits = openFrameLimits(openRates(), (error) => logger.warn('rate not counted', { error }));

/**
 * The middleware for failed handshakes: logs and counts the error, and answers 403 to a connection that may not be
 * opened, 429 to one too many of its subject, 500 to any other failure. API Gateway drops a body.
 */
const refusals: MiddlewareObj<WebSocketEvent, WebSocketResult> = {
  onError: (request) => {
    const { error, event } = request;
    const statusCode = error instanceof ClientError ? REFUSALS.get(error.code) : undefined;
    if (error instanceof ClientError && statusCode !== undefined) {
      if (error.code === 'rate-limited') metrics.addMetric('RateLimited', MetricUnit.Count, 1);
      request.response = refuse(event.requestContext.connectionId, { code: error.code, statusCode });
      return;
    }
    logger.error('connect failed', { error: request.error });
    metrics.addMetric('FailedConnects', MetricUnit.Count, 1);
    request.response = { statusCode: 500 };
  },
};

/**
 * Handles `$connect`: writes the connection's list and a record for each first topic. Answers 400 for a query with an
 * unknown parameter or an invalid value, 403 for a connection whose token has ended or whose authorization is too
 * old, 429 for a subject that opens too many, 500 when the records could not be written. The log names each fault, but
 * no value of a parameter: an unknown one may be a secret.
 *
 * The connection is opened with those topics of the URL that the token permits, and one `error` frame names the others.
 * Default topics that are not permitted are left out.
 */
export const handler = lambda
  .use(refusals)
  .handler(async ({ requestContext, multiValueQueryStringParameters, headers }) => {
    const { connectionId, eventType } = requestContext;
    const query = connectQuery.safeParse(multiValueQueryStringParameters ?? {});
    if (!query.success) return refuse(connectionId, { details: faultsIn(query.error) });
    if (eventType !== 'CONNECT') return refuse(connectionId, { details: [NO_HANDSHAKE] });
    const principal = gate(requestContext.authorizer, []);
    checkAge(principal);
    const { topics: asked, batch } = query.data;
    const positions = (asked ?? []).filter(({ position }) => position !== undefined);
    await limits?.connecting(requestContext, weightOfPositions(positions.length));
    const { topics, refused } = splitTopics(asked ?? DEFAULT_FIRST, principal);
    metrics.addMetric('Connects', MetricUnit.Count, 1);
    const told = asked === undefined ? [] : refused;
    await subscriptions.open(callerOf(requestContext, principal), { topics, batch, refused: told });
    // Again: a slow write may have recorded the connection too late. Its records go with the next delivery, or expire.
    checkAge(principal);
    logger.info('connected', { connectionId, topics: topics.length, refused: refused.length });
    return { statusCode: 200, ...subprotocolOf(headers) };
  });

/**
 * Longest time in ms between the authorizer's reading of a subject's revocations and the writing of its connection. A
 * later connection could be missed by the last sweep of a revocation that was made in between.
 * @limit operator
 */
const AUTHORIZATION_MS = 5_000;

function checkAge(principal: Principal | undefined): void {
  if (principal === undefined || Date.now() - principal.checkedAt <= AUTHORIZATION_MS) return;
  throw new ClientError('forbidden', 'The authorization of the handshake is too old.');
}

/** The statuses of the errors that mean that a connection may not be opened. */
const REFUSALS: ReadonlyMap<ErrorCode, number> = new Map([
  ['forbidden', 403],
  ['token-expired', 403],
  ['rate-limited', 429],
]);

const NO_HANDSHAKE = { path: 'eventType', reason: 'not a handshake' } as const;

interface Refusal {
  readonly code?: ErrorCode;
  readonly details?: readonly Fault[];
  readonly statusCode?: number;
}

function refuse(connectionId: string, { statusCode = 400, ...reason }: Refusal): WebSocketResult {
  metrics.addMetric('RefusedConnects', MetricUnit.Count, 1);
  logger.info('connect refused', { connectionId, ...reason });
  return { statusCode };
}

const DEFAULT_FIRST: readonly FirstTopic[] = DEFAULT_TOPICS.map((topic) => ({ topic }));

/** Splits topics into those that the connection may subscribe to, and the names of those that are refused. */
function splitTopics(topics: readonly FirstTopic[], principal: Principal | undefined) {
  const permitted = ({ topic: name }: FirstTopic): boolean =>
    principal === undefined || isPermitted(principal, { action: 'subscribe', name });
  const refused = topics.filter((first) => !permitted(first)).map(({ topic }) => topic);
  return { topics: topics.filter(permitted), refused };
}

function subprotocolOf(headers: WebSocketEvent['headers'] = {}): Pick<WebSocketResult, 'headers'> {
  const name = Object.keys(headers).find((header) => header.toLowerCase() === 'sec-websocket-protocol');
  const offered = (name === undefined ? '' : (headers[name] ?? '')).split(',').map((protocol) => protocol.trim());
  return offered.includes(SUBPROTOCOL) ? { headers: { 'Sec-WebSocket-Protocol': SUBPROTOCOL } } : {};
}
