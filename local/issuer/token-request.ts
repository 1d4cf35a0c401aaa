/** The bounds of the local issuer's tokens. */
export const TOKEN_LIMITS = {
  /**
   * Bytes of a request for a token. Past it 413. A token of this size has less than 4,096 characters, the length of a
   * URL, and of a token that the authorizer accepts.
   */
  bodyBytes: 2_600,
  /** Characters of a token's subject. Past it 400. */
  subjectCharacters: 128,
  /**
   * Longest life in seconds of a token of the local issuer. Past it 400.
   * @limit operator
   */
  lifeSeconds: 86_400,
} as const;

/** Life in seconds of a token whose request names none, 3,600. */
const DEFAULT_LIFE_SECONDS = 3_600;

/** The value of a claim: a text, or a list of texts. */
type ClaimValue = string | readonly string[];

/** A request for a token. */
export interface TokenRequest {
  readonly sub: string;
  readonly forSeconds: number;
  /** The further claims. The issuer knows the meaning of none. */
  readonly claims: Readonly<Record<string, ClaimValue>>;
}

/** The claims that the issuer sets itself. */
const RESERVED = ['iss', 'aud', 'exp', 'iat', 'nbf', 'jti'];

/** Characters that could begin a line in a log. */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/** The reason why a request for a token is refused. */
export interface RefusedToken {
  readonly refusal: string;
}

/** Decodes the body of a request for a token. */
export function decodeTokenRequest(body: string): TokenRequest | RefusedToken {
  const fields = parseObject(body);
  if (fields === undefined) return { refusal: 'The body is not a JSON object' };
  const { sub, forSeconds = DEFAULT_LIFE_SECONDS, ...claims } = fields;
  if (!isSubject(sub)) return { refusal: `sub is a text of 1 to ${TOKEN_LIMITS.subjectCharacters} characters` };
  if (!isLife(forSeconds)) return { refusal: `forSeconds is a whole number from 1 to ${TOKEN_LIMITS.lifeSeconds}` };
  const reserved = RESERVED.find((name) => name in claims);
  if (reserved !== undefined) return { refusal: `${reserved} is a claim that the issuer sets` };
  if (!hasClaimValues(claims)) return { refusal: 'A claim is a text or a list of texts' };
  return { sub, forSeconds, claims };
}

function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const isSubject = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= TOKEN_LIMITS.subjectCharacters &&
  !UNSAFE.test(value);

const isLife = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= TOKEN_LIMITS.lifeSeconds;

const isText = (value: unknown): value is string => typeof value === 'string';

const hasClaimValues = (claims: object): claims is Readonly<Record<string, ClaimValue>> =>
  Object.values(claims).every((value) => isText(value) || (Array.isArray(value) && value.every(isText)));
