import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';

/** A signed request, as far as its signature covers it. */
export interface CoveredRequest {
  readonly method: string;
  /** The path and query, as they were sent. */
  readonly target: string;
  /** Returns a header by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** The body; undefined where it is not read yet. Its hash is then the one that the caller names. */
  readonly body: Buffer | undefined;
  /** Whether the signature was in the query, with the date and the token. Default: in the headers. */
  readonly isSignedInQuery?: boolean;
}

/** The secret and the token by which a caller must have signed. */
export interface SigningSecret {
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The verdict on a signature: valid, by another secret or of another request, or with another session token. */
export type SignatureVerdict = 'valid' | 'mismatch' | 'wrong-token';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=[^/]+\/([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/** The header with the hash of the body. */
const CONTENT_HASH = 'x-amz-content-sha256';
/** The headers that a signature must cover. One in the query covers its date with the query. */
const NEEDED_HEADERS = ['host', 'x-amz-date'];
const NEEDED_BESIDE_QUERY = ['host'];
/** Signing keys that are kept: one for each function, day and service. Past it all are derived again. */
const KEYS_MAXIMUM = 1_000;

const keys = new Map<string, KeyObject>();

/**
 * Computes the signature of a request again. `isS3` is the one service whose path is signed as it was sent.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifySignature(request: CoveredRequest, secret: SigningSecret, isS3: boolean): SignatureVerdict {
  const { header, body } = request;
  const [, scope = '', names = '', signature = ''] = AUTHORIZATION.exec(header('authorization') ?? '') ?? [];
  if (header('x-amz-security-token') !== secret.sessionToken) return 'wrong-token';
  const signed = names.split(';');
  const named = header(CONTENT_HASH);
  const isHash = named !== undefined && /^[0-9a-f]{64}$/.test(named);
  if (body !== undefined && isHash && named !== sha256(body)) return 'mismatch';
  const needed = request.isSignedInQuery === true ? NEEDED_BESIDE_QUERY : NEEDED_HEADERS;
  if (!needed.every((name) => signed.includes(name))) return 'mismatch';
  const canonical = canonicalRequest(request, { signed, isS3, hash: named ?? sha256(body ?? Buffer.alloc(0)) });
  const text = ['AWS4-HMAC-SHA256', header('x-amz-date'), scope, sha256(canonical)].join('\n');
  const expected = hmac(signingKey(secret.secretAccessKey, scope), text).toString('hex');
  return isEqual(expected, signature) ? 'valid' : 'mismatch';
}

const isEqual = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));

interface Covered {
  readonly signed: readonly string[];
  readonly isS3: boolean;
  readonly hash: string;
}

function canonicalRequest({ method, target, header }: CoveredRequest, { signed, isS3, hash }: Covered): string {
  const [path, query = ''] = splitAtFirst(target, '?');
  return [
    method,
    isS3 ? path : path.split('/').map(escapePart).join('/'),
    canonicalQuery(query),
    ...signed.map((name) => `${name}:${(header(name) ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    signed.join(';'),
    hash,
  ].join('\n');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => {
    const [name, value = ''] = splitAtFirst(pair, '=');
    return [escapePart(decoded(name)), escapePart(decoded(value))] as const;
  });
  // By the names first: as one text, `topic2=` would come before `topic=`.
  const inOrder = pairs.toSorted((one, other) => compare(one[0], other[0]) || compare(one[1], other[1]));
  return inOrder.map(([name, value]) => `${name}=${value}`).join('&');
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** Returns a text up to the first sign, and the rest behind it; undefined without the sign. */
export function splitAtFirst(text: string, sign: string): readonly [string, string | undefined] {
  const at = text.indexOf(sign);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not encoded as a signer does it: the signature will not match.
    return part;
  }
}

/** Returns a part of a path or a query as it is signed: all but the unreserved characters are encoded. */
const escapePart = (part: string): string =>
  encodeURIComponent(part).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** Returns the key of a secret for a scope such as `20261130/us-east-1/dynamodb/aws4_request`. */
function signingKey(secret: string, scope: string): KeyObject {
  const name = `${secret} ${scope}`;
  const known = keys.get(name);
  if (known !== undefined) return known;
  if (keys.size >= KEYS_MAXIMUM) keys.clear();
  const bytes = scope.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
  // Node 24 takes several times as long for a key of bytes: findings/node-24-hmac-by-bytes-is-slow.sh.
  const made = createSecretKey(bytes);
  keys.set(name, made);
  return made;
}

const hmac = (key: Buffer | KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const sha256 = (bytes: string | Buffer): string => hash('sha256', bytes, 'hex');
