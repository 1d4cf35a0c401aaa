import { createHmac, hash } from 'node:crypto';

/** The credentials that sign a request. `sessionToken` is present with temporary credentials, such as a Lambda's. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** The time and the credentials of a signature. */
export interface Signature {
  readonly credentials: Credentials;
  readonly nowMs: number;
}

/** The service of a signature, by its names in the scope. */
export interface SignedService {
  readonly region: string;
  readonly service: string;
}

/** All of a signature by Signature Version 4 that is the same for one second and one set of credentials. */
export interface SigningScope {
  readonly credentials: Credentials;
  readonly second: number;
  /** The value of `x-amz-date`. */
  readonly date: string;
  /** The session token; undefined where the credentials have none. */
  readonly token: string | undefined;
  /** Returns the `Authorization` header up to the signature, for names of signed headers separated by semicolons. */
  readonly authorizationOf: (signedHeaders: string) => string;
  /** Returns the signature of a canonical request, by its hash in hex. */
  readonly sign: (requestHash: string) => string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** The block size of SHA-256, to which HMAC pads its key. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** The length of a SHA-256 in hex. */
export const HEX_BYTES = 2 * DIGEST_BYTES;
const MS_PER_SECOND = 1_000;
/** The characters that are illegal in a header value, or would be truncated by latin1. */
const ILLEGAL_IN_HEADER = /[^ -~]/;

const secondOf = (nowMs: number): number => Math.floor(nowMs / MS_PER_SECOND);

/** Whether a scope may sign at this time with these credentials. */
export const isCurrent = <S extends Pick<SigningScope, 'credentials' | 'second'>>(
  scope: S | undefined,
  { credentials, nowMs }: Signature,
): scope is S => scope !== undefined && scope.credentials === credentials && scope.second === secondOf(nowMs);

/**
 * Opens a scope. Throws Error for credentials that no header may have.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function openScope({ region, service }: SignedService, { credentials, nowMs }: Signature): SigningScope {
  const date = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const day = date.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  if (ILLEGAL_IN_HEADER.test(accessKeyId + (sessionToken ?? ''))) {
    throw new Error('The credentials have characters that no HTTP header may have.');
  }
  const beginning = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=`;
  return {
    credentials,
    second: secondOf(nowMs),
    date,
    token: sessionToken,
    authorizationOf: (signedHeaders) => `${beginning}${signedHeaders}, Signature=`,
    sign: startHmac(signingKey(secretAccessKey, [day, region, service]), `${ALGORITHM}\n${date}\n${scope}\n`),
  };
}

/** Returns the key that signs the requests of one day, region and service, by their names and `aws4_request`. */
export const signingKey = (secret: string, scope: readonly string[]): Buffer =>
  [...scope, 'aws4_request'].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );

/**
 * Returns HMAC by its definition, H(key ^ opad, H(key ^ ipad, text)), in two buffers of which only the tail changes
 * from post to post: the one-shot `hash` costs a third of `createHmac`. The result is a string, which costs a quarter
 * of a buffer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc2104
 */
function startHmac(key: Buffer, head: string): (tail: string) => string {
  const inner = Buffer.concat([padded(key, 0x36), Buffer.from(head), Buffer.alloc(HEX_BYTES)]);
  const outer = Buffer.concat([padded(key, 0x5c), Buffer.alloc(DIGEST_BYTES)]);
  const tailAt = inner.length - HEX_BYTES;
  return (tail) => {
    inner.write(tail, tailAt, 'latin1');
    outer.write(hash('sha256', inner, 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha256', outer);
  };
}

const padded = (key: Buffer, pad: number): Buffer => {
  const block = Buffer.alloc(BLOCK_BYTES, pad);
  for (const [i, byte] of key.entries()) block[i] = byte ^ pad;
  return block;
};
