import { type AuthorizerContext, toContext } from '../auth/authorizer-context.ts';
import type { Principal } from '../auth/permissions.ts';
import { isOriginAllowed } from './check-origin.ts';
import { findToken } from './find-token.ts';
import type { HandshakeEvent } from './handshake-event.ts';
import type { Refused } from './refusals.ts';
import type { CheckRevocations } from './check-revocations.ts';
import type { VerifyToken } from './verify-token.ts';

/**
 * Size in bytes of an authorizer's result as JSON, 7,680. API Gateway takes 8 KB. A token with so many permissions that
 * its result is larger refuses the handshake with 403.
 * @limit client
 */
export const RESULT_BYTES = 7_680;

/** An authorizer's result: an IAM policy, and the context that API Gateway adds to every event of the connection. */
export interface AuthorizerResult {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [
      { readonly Action: 'execute-api:Invoke'; readonly Effect: 'Allow' | 'Deny'; readonly Resource: string },
    ];
  };
  readonly context?: AuthorizerContext;
}

/** The rules by which handshakes are decided. */
export interface HandshakeRules {
  /** The Origins that may connect. Empty: all. */
  readonly allowedOrigins: readonly string[];
  readonly verify: VerifyToken;
  readonly checkRevocations: CheckRevocations;
}

/** An allowed handshake. */
export interface Allowed {
  readonly subject: string;
  readonly result: AuthorizerResult;
}

/**
 * Decides a handshake by its Origin, its token and its subject's revocations. Throws KeysUnavailableError if no token
 * can be verified now, RevocationsUnavailableError if the revocations cannot be read.
 */
export async function decideHandshake(event: HandshakeEvent, rules: HandshakeRules): Promise<Refused | Allowed> {
  if (!isOriginAllowed(event, rules.allowedOrigins)) return { refused: 'origin' };
  const found = findToken(event);
  if ('refused' in found) return found;
  const token = await rules.verify(found.token);
  if ('refused' in token) return token;
  const check = await rules.checkRevocations(token.verified.subject);
  if (check.revoked.includes('*')) return { refused: 'revoked' };
  const principal = { ...token.verified, ...check };
  const result = allow(event.methodArn, principal);
  if (Buffer.byteLength(JSON.stringify(result)) > RESULT_BYTES) return { refused: 'too-many-permissions' };
  return { subject: principal.subject, result };
}

const allow = (methodArn: string, principal: Principal): AuthorizerResult => ({
  ...policyOf('Allow', { methodArn, principalId: principal.subject }),
  context: toContext(principal),
});

/** Returns the result that refuses a handshake with 403. */
export const denyHandshake = ({ methodArn }: HandshakeEvent): AuthorizerResult =>
  policyOf('Deny', { methodArn, principalId: 'refused' });

/** Returns a policy for one method: that of `$connect`, and no pattern that could match another. */
const policyOf = (
  effect: 'Allow' | 'Deny',
  { methodArn, principalId }: { readonly methodArn: string; readonly principalId: string },
): AuthorizerResult => ({
  principalId,
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: methodArn }],
  },
});
