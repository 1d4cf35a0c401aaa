import { type CryptoKey, importJWK, importPKCS8, type JWK, SignJWT } from 'jose';
import { PERMITTED_ACTIONS, type PermittedAction } from '../../shared/auth/permissions.ts';
import { isSubject } from '../../shared/auth/subject.ts';
import { withSubject } from '../../shared/auth/topic-pattern.ts';
import { TOKEN_CHARS } from '../../shared/handshake/find-token.ts';
import { SECRET_BYTES } from '../../shared/handshake/shared-secret.ts';

/** The claims of a token: whom it stands for, what it permits, and how long it holds. */
interface TokenClaims {
  /** The subject: 1 to 128 characters, no control characters. Messages carry it as `from`. */
  readonly sub: string;
  /** The patterns of the topics to subscribe to. `${sub}` stands for the subject. Default: none. */
  readonly subscribe?: readonly string[];
  /** The patterns of the topics to publish to. Default: none. */
  readonly publish?: readonly string[];
  /** The patterns of the counters to change, without `counter:`. Default: none. */
  readonly count?: readonly string[];
  /** The patterns of the topics whose presence may be asked for. Default: none. */
  readonly presence?: readonly string[];
  /** Life of the token in seconds, a whole number from 1. Connections end with their token. Default: 3,600. */
  readonly expiresInSeconds?: number;
  /** The issuer (`iss`), if the stack's setting `auth` names one. */
  readonly issuer?: string;
  /** The audience (`aud`), if the stack's setting `auth` names one. */
  readonly audience?: string | readonly string[];
  /** Further claims, such as `name`. They cannot replace the ones above. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** The options of a token for a stack whose setting `auth` has a `secretArn`. */
export interface SecretTokenOptions extends TokenClaims {
  /** The value of the secret in Secrets Manager, at least 32 bytes. The token is signed by HS256. */
  readonly secret: string | Uint8Array;
}

/** The options of a token for a stack whose setting `auth` has a `jwksUri`. */
export interface SignedTokenOptions extends TokenClaims {
  /** The private key: PKCS #8 as PEM, a JWK, or a key of Web Crypto. */
  readonly privateKey: string | JWK | CryptoKey;
  /** The algorithm of the signature: one that the setting `auth` allows. Default: that of the JWK, or `ES256`. */
  readonly algorithm?: string;
  /** The id of the key in the JWK set (`kid`). Default: that of the JWK, if it has one. */
  readonly keyId?: string;
}

/** The options of `mintToken`. */
export type TokenOptions = SecretTokenOptions | SignedTokenOptions;

const DEFAULT_LIFE_SECONDS = 3_600;

/**
 * Mints a token with the claims that the authorizer reads. Rejects with TypeError for a subject, a pattern, a life or a
 * secret that the authorizer would refuse or that would permit nothing, and for a token over 4,096 characters.
 */
export async function mintToken(options: TokenOptions): Promise<string> {
  const { sub, issuer, audience, claims, expiresInSeconds = DEFAULT_LIFE_SECONDS } = options;
  if (!isSubject(sub)) throw new TypeError('sub must have 1 to 128 characters, and no control characters.');
  if (!Number.isSafeInteger(expiresInSeconds) || expiresInSeconds < 1) {
    throw new TypeError('expiresInSeconds must be a whole number from 1.');
  }
  const { key, header } = await signingKeyOf(options);
  const issuedAt = Math.floor(Date.now() / 1_000);
  const jwt = new SignJWT({ ...claims, ...permissionsOf(options) })
    .setProtectedHeader(header)
    .setSubject(sub)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + expiresInSeconds);
  if (issuer !== undefined) jwt.setIssuer(issuer);
  if (audience !== undefined) jwt.setAudience([audience].flat());
  const token = await jwt.sign(key);
  if (token.length <= TOKEN_CHARS) return token;
  throw new TypeError(
    `The token has ${token.length} characters, and a handshake takes ${TOKEN_CHARS}. Use fewer patterns.`,
  );
}

function permissionsOf(options: TokenOptions): Partial<Record<PermittedAction, readonly string[]>> {
  const claims = PERMITTED_ACTIONS.flatMap((action) => {
    const patterns = options[action] ?? [];
    const invalid = patterns.find((pattern) => withSubject(pattern, options.sub) === undefined);
    if (invalid !== undefined) throw new TypeError(`${action}: ${invalid} is not a topic pattern for ${options.sub}.`);
    return patterns.length === 0 ? [] : [[action, patterns] as const];
  });
  return Object.fromEntries(claims);
}

interface SigningKey {
  readonly key: CryptoKey | Uint8Array;
  readonly header: { readonly alg: string; readonly typ: 'JWT'; readonly kid?: string };
}

async function signingKeyOf(options: TokenOptions): Promise<SigningKey> {
  if ('secret' in options) return { key: secretOf(options.secret), header: { alg: 'HS256', typ: 'JWT' } };
  const { privateKey, algorithm, keyId } = options;
  const jwk = isJwk(privateKey) ? privateKey : undefined;
  const alg = algorithm ?? jwk?.alg ?? 'ES256';
  const kid = keyId ?? jwk?.kid;
  const key =
    typeof privateKey === 'string'
      ? await importPKCS8(privateKey, alg)
      : isJwk(privateKey)
        ? await importJWK(privateKey, alg)
        : privateKey;
  return { key, header: { alg, typ: 'JWT', ...(kid === undefined ? {} : { kid }) } };
}

/** Whether a key is a JWK: each has its type in `kty`. */
const isJwk = (key: string | JWK | CryptoKey): key is JWK => typeof key === 'object' && 'kty' in key;

function secretOf(secret: string | Uint8Array): Uint8Array {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  if (bytes.length >= SECRET_BYTES) return bytes;
  throw new TypeError(`secret must have at least ${SECRET_BYTES} bytes.`);
}
