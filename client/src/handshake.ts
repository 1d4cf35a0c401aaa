import type { Token } from './types.ts';
import { urlWithTopics } from './url-with-topics.ts';

/** The opening handshake of one socket. */
export interface Handshake {
  readonly href: string;
  /** Topics that the URL subscribes to. */
  readonly topics: readonly string[];
  readonly protocols: readonly string[];
}

/** The options that a handshake is made of. */
export interface HandshakeDeps {
  readonly url: string;
  readonly topics: readonly string[];
  readonly token: Token | undefined;
  readonly tokenIn: 'query' | 'subprotocol';
}

/** The subprotocol that the server selects when it is offered. The server does not repeat the token. */
const SUBPROTOCOL = 'distributary.v1';

/** A character that RFC 6455 forbids in a subprotocol, such as the `=` and `/` of base64. */
const NO_SUBPROTOCOL = /[^\w!#$%&'*+.^`|~-]/;

/**
 * Returns the handshake of the next socket; a promise of it when `token` is a function. Throws for an invalid token.
 */
export function handshakeOf(deps: HandshakeDeps): Handshake | Promise<Handshake> {
  const { token } = deps;
  if (typeof token !== 'function') return withToken(deps, token);
  // An async function, so that a token function that throws gives a rejected promise.
  return (async () => withToken(deps, await token()))();
}

function withToken({ url, topics, tokenIn }: HandshakeDeps, token: string | undefined): Handshake {
  const { fullUrl, included } = urlWithTopics(url, topics);
  const isProtocol = token !== undefined && tokenIn === 'subprotocol';
  if (isProtocol && NO_SUBPROTOCOL.test(token)) {
    throw new TypeError(
      'The token has characters that a subprotocol cannot have. Encode it as base64url, or use `query`.',
    );
  }
  if (token !== undefined && !isProtocol) fullUrl.searchParams.set('token', token);
  return { href: fullUrl.href, topics: included, protocols: isProtocol ? [SUBPROTOCOL, `token.${token}`] : [] };
}
