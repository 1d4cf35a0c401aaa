import { fromContext } from '../../shared/auth/authorizer-context.ts';
import { readAuthSettings } from '../../shared/auth/auth-settings.ts';
import type { Principal } from '../../shared/auth/permissions.ts';
import { decideHandshake } from '../../shared/handshake/decide-handshake.ts';
import type { CheckRevocations } from '../../shared/handshake/check-revocations.ts';
import { createRemoteKeys } from '../../shared/handshake/remote-keys.ts';
import { createVerifyToken, type VerifyToken } from '../../shared/handshake/verify-token.ts';
import { handshakeEvent, type HandshakeOptions } from './handshake-events.ts';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from './token-issuer.ts';

/** An identity provider, and what the authorizer says to handshakes with its tokens. */
export interface HandshakeScene {
  readonly idp: TokenIssuer;
  readonly verify: VerifyToken;
  readonly decide: (
    options: HandshakeOptions,
    allowedOrigins?: readonly string[],
  ) => ReturnType<typeof decideHandshake>;
  /** The principal that the routes will read from the context, or the code of the refusal. */
  readonly outcomeOf: (token: string) => Promise<Principal | string | undefined>;
}

/** The check of revocations where nothing is revoked. */
export const noRevocations: CheckRevocations = async () => ({ revoked: [], seen: 0, checkedAt: Date.now() });

export async function startHandshakeScene(alg?: string): Promise<HandshakeScene> {
  const idp = await startTokenIssuer(alg);
  const settings = readAuthSettings({ issuer: idp.issuer, audience: AUDIENCE, jwksUri: idp.jwksUri });
  const keys = createRemoteKeys(idp.jwksUri, Date.now);
  const verify = createVerifyToken(settings, { keys, now: Date.now });
  const decide: HandshakeScene['decide'] = (options, allowedOrigins = []) =>
    decideHandshake(handshakeEvent(options), { allowedOrigins, verify, checkRevocations: noRevocations });
  const outcomeOf = async (token: string) => {
    const decision = await decide({ token });
    return 'refused' in decision ? decision.refused : fromContext({ ...decision.result.context });
  };
  return { idp, verify, decide, outcomeOf };
}
