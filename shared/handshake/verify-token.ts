import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { VerifiedToken } from '../auth/permissions.ts';
import { permissionsFromClaims, profileFromClaims } from '../auth/policy.ts';
import { isSubject } from '../auth/subject.ts';
import type { HandshakeRefusal, Refused } from './refusals.ts';

/**
 * Difference in seconds between the clocks of the issuer and of this Lambda that is tolerated at `exp` and `nbf`.
 */
const CLOCK_TOLERANCE_SECONDS = 5;

const MS_PER_SECOND = 1_000;

/**
 * Size in bytes of UTF-8 of a member's profile as JSON, 1,024. A token with a larger one refuses the handshake with
 * 403: the profile is in each subscription's record, and in the lists of members.
 * @limit client
 */
export const PROFILE_BYTES = 1_024;

/** The keys that tokens are verified by. */
export interface TokenKeys {
  /** Returns the key of a token. Throws KeysUnavailableError. */
  readonly keyOf: JWTVerifyGetKey;
  /**
   * Reads the keys again after a signature did not fit, unless this happened a moment ago. Returns whether they
   * changed. Throws KeysUnavailableError.
   */
  readonly refresh: () => Promise<boolean>;
}

/** The rules that a token must fulfil. */
export interface TokenRules {
  readonly algorithms: readonly string[];
  readonly issuer?: string | undefined;
  /** The audiences of which a token must name one. */
  readonly audience?: readonly string[] | undefined;
}

/** The dependencies of the verification. */
export interface VerifyTokenDeps {
  readonly keys: TokenKeys;
  readonly now: () => number;
}

/** Verifies a token. Throws KeysUnavailableError if no token can be verified now. */
export type VerifyToken = (token: string) => Promise<Refused | { readonly verified: VerifiedToken }>;

/**
 * Creates the verification of tokens: signature, algorithm, issuer, audience, end, begin and subject. A token whose
 * signature does not fit is verified once more if the keys have changed.
 */
export function createVerifyToken(rules: TokenRules, deps: VerifyTokenDeps): VerifyToken {
  const verify: VerifyToken = async (token) => {
    const options = { ...optionsOf(rules), currentDate: new Date(deps.now()) };
    try {
      const { payload } = await jwtVerify(token, deps.keys.keyOf, options);
      return verifiedOf(payload);
    } catch (error) {
      return { refused: refusalOf(error) };
    }
  };
  return async (token) => {
    const first = await verify(token);
    const isForged = 'refused' in first && first.refused === 'bad-signature';
    return isForged && (await deps.keys.refresh()) ? verify(token) : first;
  };
}

const optionsOf = ({ algorithms, issuer, audience }: TokenRules) => ({
  algorithms: [...algorithms],
  ...(issuer === undefined ? {} : { issuer }),
  ...(audience === undefined ? {} : { audience: [...audience] }),
  requiredClaims: ['exp', 'sub'],
  clockTolerance: CLOCK_TOLERANCE_SECONDS,
});

function verifiedOf(payload: JWTPayload): Refused | { readonly verified: VerifiedToken } {
  const { sub: subject, exp = Number.NaN } = payload;
  const tokenEnd = Math.floor(exp * MS_PER_SECOND);
  if (typeof subject !== 'string' || !isSubject(subject)) return { refused: 'no-subject' };
  if (!Number.isSafeInteger(tokenEnd)) return { refused: 'no-expiry' };
  const profile = profileFromClaims(payload);
  if (Buffer.byteLength(profile ?? '') > PROFILE_BYTES) return { refused: 'profile-too-large' };
  return { verified: { subject, tokenEnd, permissions: permissionsFromClaims(payload), profile } };
}

/** The refusals by a claim that is missing or does not fit. */
const CLAIM_REFUSALS: ReadonlyMap<string, HandshakeRefusal> = new Map([
  ['iss', 'wrong-issuer'],
  ['aud', 'wrong-audience'],
  ['sub', 'no-subject'],
  ['exp', 'no-expiry'],
  ['nbf', 'not-yet-valid'],
]);

/** The refusals by the codes of jose. */
const REFUSALS: ReadonlyMap<string, HandshakeRefusal> = new Map([
  [errors.JWTExpired.code, 'token-expired'],
  [errors.JWSSignatureVerificationFailed.code, 'bad-signature'],
  [errors.JOSEAlgNotAllowed.code, 'bad-algorithm'],
  [errors.JWKSNoMatchingKey.code, 'unknown-key'],
  [errors.JWKSMultipleMatchingKeys.code, 'unknown-key'],
]);

/**
 * Returns the refusal of an error of jose, of which nothing else is kept: its message and its fields may contain
 * claims. Throws any other error again.
 */
function refusalOf(error: unknown): HandshakeRefusal {
  if (!(error instanceof errors.JOSEError)) throw error;
  if (error instanceof errors.JWTClaimValidationFailed) return CLAIM_REFUSALS.get(error.claim) ?? 'malformed-token';
  return REFUSALS.get(error.code) ?? 'malformed-token';
}
