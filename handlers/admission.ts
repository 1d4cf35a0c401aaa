import { checkNeeds } from '../shared/auth/permissions.ts';
import type { HandshakeRules } from '../shared/handshake/decide-handshake.ts';
import { TOKEN_CHARS } from '../shared/handshake/find-token.ts';
import type { DoorDeps } from '../shared/http-door/door-deps.ts';

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Creates the check of the HTTP door's requests: by `Authorization: Bearer`, with the claims and the revocations by
 * which connections are let in. Without rules everyone may do everything.
 */
export function createAdmission(rules: HandshakeRules | undefined, now: () => number): DoorDeps['admit'] {
  if (rules === undefined) return async () => ({ isPrivate: false });
  return async ({ headers }, need) => {
    const token = BEARER.exec(headers['authorization'] ?? '')?.[1];
    if (token === undefined || token.length > TOKEN_CHARS) return { refused: 401 };
    const verified = await rules.verify(token);
    if ('refused' in verified) return { refused: 401 };
    const { subject } = verified.verified;
    const check = await rules.checkRevocations(subject);
    if (check.revoked.includes('*')) return { refused: 403 };
    checkNeeds({ ...verified.verified, ...check }, [need], now());
    return { subject, isPrivate: true };
  };
}
