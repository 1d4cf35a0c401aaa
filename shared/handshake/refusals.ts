/**
 * The codes of refused handshakes, each with the HTTP status that the client gets. A code is what the log says: a
 * browser shows its page neither the status nor a reason.
 */
export const HANDSHAKE_REFUSALS = {
  /** A token is missing or empty. */
  'no-token': 401,
  /** More than one token was sent. */
  'several-tokens': 401,
  /** The token is longer than TOKEN_CHARS. */
  'token-too-long': 401,
  /** The token is not a signed JWT, or its header or its claims are not valid. */
  'malformed-token': 401,
  /** The token names an algorithm that the settings do not allow. */
  'bad-algorithm': 401,
  /** The token names no key of the set, or several. */
  'unknown-key': 401,
  'bad-signature': 401,
  'token-expired': 401,
  /** The token's `nbf` is in the future. */
  'not-yet-valid': 401,
  /** The token has no usable `exp`. */
  'no-expiry': 401,
  'wrong-issuer': 401,
  'wrong-audience': 401,
  /** The token's `sub` is missing, is longer than 128 characters, or has control characters. */
  'no-subject': 401,
  /** The Origin is not in the list. */
  origin: 403,
  /** Everything was revoked for the subject. */
  revoked: 403,
  /** The permissions do not fit into an authorizer's result. */
  'too-many-permissions': 403,
  /** The token's profile is larger than PROFILE_BYTES. */
  'profile-too-large': 403,
} as const satisfies Readonly<Record<string, 401 | 403>>;

/** The code of a refused handshake. */
export type HandshakeRefusal = keyof typeof HANDSHAKE_REFUSALS;

/** A refused handshake, or a step of it that refuses. */
export interface Refused {
  readonly refused: HandshakeRefusal;
}

/**
 * A fault for which no token can be verified: the keys or the secret could not be read. The client is not at fault. The
 * message never contains a part of a token.
 */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

/** A fault for which no handshake can be decided: the revocations of the subject could not be read. */
export class RevocationsUnavailableError extends Error {
  override readonly name = 'RevocationsUnavailableError';
}
