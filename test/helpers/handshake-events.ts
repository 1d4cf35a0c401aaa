import type { HandshakeEvent } from '../../shared/handshake/handshake-event.ts';

export const METHOD_ARN = 'arn:aws:execute-api:eu-central-1:123456789012:abcd123/live/$connect';

export interface HandshakeOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly query?: Readonly<Record<string, readonly string[]>>;
}

/** A handshake as API Gateway passes it to the authorizer; a token is sent by the subprotocol, as a browser does. */
export function handshakeEvent({ token, headers = {}, query = {} }: HandshakeOptions = {}): HandshakeEvent {
  const offered = token === undefined ? {} : { 'Sec-WebSocket-Protocol': [`distributary.v1, token.${token}`] };
  return {
    methodArn: METHOD_ARN,
    requestContext: { connectionId: 'H1=' },
    multiValueHeaders: { Host: ['abcd123.execute-api.eu-central-1.amazonaws.com'], ...offered, ...headers },
    multiValueQueryStringParameters: query,
  };
}
