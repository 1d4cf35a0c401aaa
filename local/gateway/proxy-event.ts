import type { ClientFacts, UpgradeRequest } from './upgrade-request.ts';

/** The values that all events of one API have in common. */
export interface ApiFacts {
  readonly apiId: string;
  readonly stage: string;
  /** The variables of the stage. Absent where it has none. */
  readonly stageVariables?: Readonly<Record<string, string>>;
  readonly domainName: string;
  /** The ARN of `$connect`: `arn:aws:execute-api:region:account:api/stage/$connect`. */
  readonly connectMethodArn: string;
}

/** The values that all events of one connection have in common. */
export interface ConnectionFacts {
  readonly connectionId: string;
  readonly connectedAt: number;
  readonly client: ClientFacts;
  /** The authorizer's context, repeated in every event. */
  readonly authorizer?: Readonly<Record<string, string | number>>;
  /** The signer of the handshake, repeated in every event. */
  readonly identity?: Readonly<Record<string, string>>;
}

/** The values that are different in every event. */
interface Occasion {
  readonly requestId: string;
  readonly epochMs: number;
}

/** The values that an event is built from. */
export interface EventSource {
  readonly api: ApiFacts;
  readonly connection: ConnectionFacts;
  readonly occasion: Occasion;
}

type RequestContext = Readonly<Record<string, unknown>>;

/** The event of a Lambda proxy integration. */
export interface ProxyEvent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>>;
  readonly stageVariables?: Readonly<Record<string, string>>;
  readonly requestContext: RequestContext;
  readonly body?: string;
  readonly isBase64Encoded: false;
}

/** The event of a REQUEST authorizer. */
export interface AuthorizerEvent {
  readonly type: 'REQUEST';
  readonly methodArn: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly queryStringParameters: Readonly<Record<string, string>>;
  readonly multiValueQueryStringParameters: Readonly<Record<string, readonly string[]>>;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly requestContext: RequestContext;
}

/** Returns the event of the authorizer. */
export function authorizerEvent(source: EventSource, request: UpgradeRequest): AuthorizerEvent {
  const { authorizerHeaders, query } = request;
  return {
    type: 'REQUEST',
    methodArn: source.api.connectMethodArn,
    headers: authorizerHeaders.single,
    multiValueHeaders: authorizerHeaders.multi,
    queryStringParameters: query?.single ?? {},
    multiValueQueryStringParameters: query?.multi ?? {},
    stageVariables: source.api.stageVariables ?? {},
    requestContext: connectContext(source),
  };
}

/** Returns the event of `$connect`. */
export function connectEvent(source: EventSource, request: UpgradeRequest): ProxyEvent {
  const { headers, query } = request;
  return {
    headers: headers.single,
    multiValueHeaders: headers.multi,
    ...(query === undefined
      ? {}
      : { queryStringParameters: query.single, multiValueQueryStringParameters: query.multi }),
    ...variablesField(source),
    requestContext: connectContext(source),
    isBase64Encoded: false,
  };
}

/** Returns the event of a client's message, without headers and query. */
export function messageEvent(
  source: EventSource,
  message: { routeKey: string; messageId: string; body: string },
): ProxyEvent {
  return {
    ...variablesField(source),
    requestContext: {
      routeKey: message.routeKey,
      ...authorizerField(source),
      messageId: message.messageId,
      eventType: 'MESSAGE',
      ...whenAndWhere(source),
    },
    body: message.body,
    isBase64Encoded: false,
  };
}

/** Returns the event of `$disconnect`, with the fixed headers that AWS gives it. */
export function disconnectEvent(source: EventSource, close: { code: number; reason: string }): ProxyEvent {
  const { host } = source.connection.client;
  return {
    headers: { Host: host, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' },
    multiValueHeaders: { Host: [host], 'x-api-key': [''], 'X-Forwarded-For': [''], 'x-restapi': [''] },
    ...variablesField(source),
    requestContext: {
      routeKey: '$disconnect',
      disconnectStatusCode: close.code,
      ...authorizerField(source),
      eventType: 'DISCONNECT',
      ...whenAndWhere(source, { disconnectReason: close.reason }),
    },
    isBase64Encoded: false,
  };
}

function connectContext(source: EventSource): RequestContext {
  return { routeKey: '$connect', ...authorizerField(source), eventType: 'CONNECT', ...whenAndWhere(source) };
}

const variablesField = ({ api: { stageVariables } }: EventSource): Pick<ProxyEvent, 'stageVariables'> =>
  stageVariables === undefined ? {} : { stageVariables };

function authorizerField(source: EventSource): RequestContext {
  const { authorizer } = source.connection;
  return authorizer === undefined ? {} : { authorizer };
}

/** Returns the last fields of each request context, in AWS's order, with `disconnectReason` in the middle. */
function whenAndWhere({ api, connection, occasion }: EventSource, reason: RequestContext = {}): RequestContext {
  const { client, identity = {} } = connection;
  const { sourceIp, userAgent } = client;
  return {
    extendedRequestId: occasion.requestId,
    requestTime: commonLogTime(occasion.epochMs),
    messageDirection: 'IN',
    ...reason,
    stage: api.stage,
    connectedAt: connection.connectedAt,
    requestTimeEpoch: occasion.epochMs,
    identity: userAgent === undefined ? { ...identity, sourceIp } : { ...identity, userAgent, sourceIp },
    requestId: occasion.requestId,
    domainName: api.domainName,
    connectionId: connection.connectionId,
    apiId: api.apiId,
  };
}

/** Returns a time in the form `09/Feb/2024:18:11:43 +0000`. */
export function commonLogTime(epochMs: number): string {
  const [, day, month, year, time] = new Date(epochMs).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
