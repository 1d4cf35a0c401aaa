import { RealtimeError } from './realtime-error.ts';
import { tokenLifeMs } from './token-life.ts';
import type { Token } from './types.ts';
import { type UrlTopic, urlWithTopics } from './url-with-topics.ts';

/** The opening handshake of one socket. */
export interface Handshake {
  readonly href: string;
  /** Topics that the URL subscribes to. */
  readonly topics: readonly string[];
  readonly protocols: string[] | undefined;
  readonly hasToken: boolean;
  /** Time in ms until its token ends and another one can replace it; Infinity if neither is known. */
  readonly lifeMs: number;
}

/** The options that a handshake is made of. */
export interface HandshakeDeps {
  readonly url: string;
  readonly topics: readonly UrlTopic[];
  readonly token: Token | undefined;
  readonly tokenIn: 'query' | 'subprotocol';
  /** Returns the time of day in ms. */
  readonly wallClock: () => number;
}

/** The subprotocol that the server selects when it is offered. The server does not repeat the token. */
const SUBPROTOCOL = 'distributary.v1';

/** A character that RFC 6455 forbids in a subprotocol, such as the `=` and `/` of base64. */
const NO_SUBPROTOCOL = /[^\w!#$%&'*+.^`|~-]/;

/**
 * Returns the handshake of the next socket; a promise of it when `token` is a function. Throws for an invalid token,
 * and `unauthorized` when the function has none.
 */
export function handshakeOf(deps: HandshakeDeps): Handshake | Promise<Handshake> {
  const { token, wallClock } = deps;
  if (typeof token !== 'function') return withToken(deps, token);
  // An async function, so that a token function that throws gives a rejected promise.
  return (async () => {
    const fresh = await token();
    if (!fresh) throw new RealtimeError('unauthorized', 'The function returned none.');
    return { ...withToken(deps, fresh), lifeMs: tokenLifeMs(fresh, wallClock()) };
  })();
}

function withToken({ url, topics, tokenIn }: HandshakeDeps, token: string | undefined): Handshake {
  const { fullUrl, included } = urlWithTopics(url, topics);
  const hasToken = token !== undefined;
  const isProtocol = hasToken && tokenIn === 'subprotocol';
  if (isProtocol && NO_SUBPROTOCOL.test(token)) {
    throw new TypeError('The token cannot be a subprotocol. Encode it as base64url.');
  }
  if (hasToken && !isProtocol) fullUrl.searchParams.set('token', token);
  const protocols = isProtocol ? [SUBPROTOCOL, `token.${token}`] : undefined;
  return { href: fullUrl.href, topics: included, protocols, hasToken, lifeMs: Infinity };
}
