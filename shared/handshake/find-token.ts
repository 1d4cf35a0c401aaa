import { type HandshakeEvent, headerValues, queryValues } from './handshake-event.ts';
import type { Refused } from './refusals.ts';

/**
 * Length in characters of a token. A longer one refuses the handshake with 401.
 * @limit client
 */
export const TOKEN_CHARS = 4_096;

/** The start of the subprotocol that carries a token: a browser can send nothing else but the URL. */
const SUBPROTOCOL = 'token.';

const BEARER = /^Bearer(?: +|$)/i;

/**
 * Returns the token of a handshake: from the subprotocol `token.<jwt>`, from `Authorization: Bearer <jwt>`, or from the
 * query's `token`. A second token refuses the handshake, an equal one too: nobody should have to guess which one
 * counts.
 */
export function findToken(event: HandshakeEvent): Refused | { readonly token: string } {
  const [token = '', second] = [...subprotocolTokens(event), ...bearerTokens(event), ...queryValues(event, 'token')];
  if (second !== undefined) return { refused: 'several-tokens' };
  if (token === '') return { refused: 'no-token' };
  return token.length > TOKEN_CHARS ? { refused: 'token-too-long' } : { token };
}

const subprotocolTokens = (event: HandshakeEvent): readonly string[] =>
  headerValues(event, 'sec-websocket-protocol')
    .flatMap((value) => value.split(','))
    .map((offered) => offered.trim())
    .flatMap((offered) => (offered.startsWith(SUBPROTOCOL) ? offered.slice(SUBPROTOCOL.length) : []));

/** Returns the tokens of `Authorization`. Another scheme than Bearer is not for this authorizer. */
const bearerTokens = (event: HandshakeEvent): readonly string[] =>
  headerValues(event, 'authorization').flatMap((value) => (BEARER.test(value) ? value.replace(BEARER, '').trim() : []));
