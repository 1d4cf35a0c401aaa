import type { Context } from 'aws-lambda';
import type { WebSocketEvent } from '../../handlers/web-socket-event.ts';

/** Long enough ago to be past any handshake. */
export const CONNECTED_AT = Date.now() - 60_000;

const REQUEST_ID = 'R1koeHsUtjMFbRw=';

/** Returns an event's context with the fields that API Gateway sends for every kind. */
const requestContext = (connectionId: string, eventType: WebSocketEvent['requestContext']['eventType']) => ({
  routeKey: '$default',
  eventType,
  extendedRequestId: REQUEST_ID,
  requestTime: '20/Nov/2026:12:00:00 +0000',
  messageDirection: 'IN',
  stage: 'live',
  connectedAt: CONNECTED_AT,
  requestTimeEpoch: CONNECTED_AT + 60_000,
  identity: { sourceIp: '192.0.2.1' },
  requestId: REQUEST_ID,
  domainName: 'abcd123.execute-api.eu-central-1.amazonaws.com',
  connectionId,
  apiId: 'abcd123',
});

/** A frame: only `requestContext`, `body` and `isBase64Encoded`, as on AWS. */
export function messageEvent(connectionId: string, frame: unknown) {
  return {
    requestContext: { ...requestContext(connectionId, 'MESSAGE'), messageId: REQUEST_ID },
    body: typeof frame === 'string' ? frame : JSON.stringify(frame),
    isBase64Encoded: false,
  };
}

export interface ConnectOptions {
  /** Each parameter, as often as it is there. */
  readonly query?: Readonly<Record<string, readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A handshake; the query is absent when there is none. */
export function connectEvent(connectionId: string, { query, headers = {} }: ConnectOptions = {}) {
  const host = { Host: 'abcd123.execute-api.eu-central-1.amazonaws.com', 'Sec-WebSocket-Version': '13' };
  return {
    headers: { ...host, ...headers },
    requestContext: requestContext(connectionId, 'CONNECT'),
    isBase64Encoded: false,
    ...(query === undefined ? {} : queryOf(query)),
  };
}

/** API Gateway tells a query twice: every value of each parameter, and its last. */
const queryOf = (query: Readonly<Record<string, readonly string[]>>) => ({
  queryStringParameters: Object.fromEntries(Object.entries(query).map(([name, values]) => [name, values.at(-1) ?? ''])),
  multiValueQueryStringParameters: query,
});

export function disconnectEvent(connectionId: string) {
  return {
    headers: { Host: 'abcd123.execute-api.eu-central-1.amazonaws.com', 'x-api-key': '' },
    requestContext: {
      ...requestContext(connectionId, 'DISCONNECT'),
      disconnectStatusCode: 1005,
      disconnectReason: 'Client-side close frame status not set',
    },
    isBase64Encoded: false,
  };
}

/** Returns the event as API Gateway sends it after an authorizer has let the connection in: with its context. */
export const authorized = <E extends { readonly requestContext: object }>(event: E, context: object) => ({
  ...event,
  requestContext: { ...event.requestContext, authorizer: { principalId: 'me', integrationLatency: 7, ...context } },
});

export const lambdaContext: Context = {
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'test',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:test',
  memoryLimitInMB: '256',
  awsRequestId: '11111111-2222-4333-8444-555555555555',
  logGroupName: '/aws/lambda/test',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => 10_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
};
