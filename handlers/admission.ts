import { checkNeeds } from '../shared/auth/permissions.ts';
import type { HandshakeRules } from '../shared/handshake/decide-handshake.ts';
import { TOKEN_CHARS } from '../shared/handshake/find-token.ts';
import type { DoorDeps } from '../shared/http-door/door-deps.ts';
import type { FramesDeps } from '../shared/http-frames/frames-deps.ts';

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Creates the check of the tokens of HTTP requests: `Authorization: Bearer`, with the claims and the revocations by
 * which connections are let in. Without rules everyone is let in, as nobody, and so is a back end that IAM has let in.
 */
export function createAuthentication(rules: HandshakeRules | undefined): FramesDeps['authenticate'] {
  if (rules === undefined) return async () => ({});
  return async ({ headers, isSigned = false }) => {
    if (isSigned) return {};
    const token = BEARER.exec(headers['authorization'] ?? '')?.[1];
    if (token === undefined || token.length > TOKEN_CHARS) return { refused: 401 };
    const verified = await rules.verify(token);
    if ('refused' in verified) return { refused: 401 };
    const check = await rules.checkRevocations(verified.verified.subject);
    if (check.revoked.includes('*')) return { refused: 403 };
    return { principal: { ...verified.verified, ...check } };
  };
}

/** Creates the check of the HTTP door's requests: by their token, and by what it permits. */
export const createAdmission =
  (authenticate: FramesDeps['authenticate'], now: () => number): DoorDeps['admit'] =>
  async (request, need) => {
    const authenticated = await authenticate(request);
    if ('refused' in authenticated) return authenticated;
    const { principal } = authenticated;
    if (principal === undefined) return { isPrivate: request.isSigned ?? false };
    checkNeeds(principal, [need], now());
    return { subject: principal.subject, isPrivate: true };
  };
