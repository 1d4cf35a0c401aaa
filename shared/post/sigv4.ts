import { createHmac, hash } from 'node:crypto';
import type { Credentials } from './post.ts';
import type { PreparedFrame } from './prepared-frames.ts';

/** The time and the credentials of a signature. */
interface Signature {
  readonly credentials: Credentials;
  readonly nowMs: number;
}

/** A signed post, without the headers that HTTP itself adds. */
export interface SignedPost {
  readonly path: string;
  /** The headers, as name, value, name, value. */
  readonly headers: string[];
  readonly body: Buffer;
}

/** Signs the post of a frame to a connection. */
export type PostSigner = (connectionId: string, frame: PreparedFrame, by: Signature) => SignedPost;

const SERVICE = 'execute-api';
const ALGORITHM = 'AWS4-HMAC-SHA256';
const CONTENT_TYPE = 'application/octet-stream';
/** The block size of SHA-256, to which HMAC pads its key. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const HEX_BYTES = 2 * DIGEST_BYTES;
const MS_PER_SECOND = 1_000;
/** The characters that are illegal in a header value, or would be truncated by latin1. */
const ILLEGAL_IN_HEADER = /[^ -~]/;

/**
 * Creates a signer by Signature Version 4 for posts to one callback URL and nothing else. Everything but the
 * connection, the frame and the signature itself is computed once a second. The bytes equal those of the official
 * signer; a test compares them.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function createPostSigner(callbackUrl: string, region: string): PostSigner {
  const { host, pathname } = new URL(callbackUrl);
  const basePath = `${pathname.replace(/\/+$/, '')}/@connections/`;
  const canonicalBasePath = escapeUri(basePath).replaceAll('%2F', '/');
  let scope: SigningScope | undefined;
  return (connectionId, { body, sha256 }, by) => {
    if (!isCurrent(scope, by)) scope = openScope({ ...by, region, host, canonicalBasePath });
    const id = escapeUri(connectionId);
    // The path is encoded once on the wire and, for every service but S3, twice in the canonical request.
    const signature = scope.sign(id.replaceAll('%', '%25'), sha256);
    const headers = [
      'content-type',
      CONTENT_TYPE,
      'x-amz-content-sha256',
      sha256,
      ...scope.headers,
      'authorization',
      scope.authorization + signature,
    ];
    return { path: basePath + id, headers, body };
  };
}

/**
 * Returns an encoder of signed posts as HTTP/1.1 requests, in one buffer: a separate write for the body would cost as
 * much again.
 */
export function createRequestEncoder(callbackUrl: string): (post: SignedPost) => Buffer {
  const { host } = new URL(callbackUrl);
  return ({ path, headers, body }) => {
    let head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
    for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
    head += `content-length: ${body.length}\r\n\r\n`;
    const request = Buffer.allocUnsafe(head.length + body.length);
    request.write(head, 'latin1');
    body.copy(request, head.length);
    return request;
  };
}

/** Escapes as RFC 3986 asks: also the characters that it reserves and `encodeURIComponent` leaves. */
const escapeUri = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Everything in a signature that is constant for one second and one set of credentials. */
interface SigningScope {
  readonly credentials: Credentials;
  readonly second: number;
  readonly headers: readonly string[];
  /** The `Authorization` header up to the signature. */
  readonly authorization: string;
  readonly sign: Sign;
}

/**
 * Signs a post: `canonicalId` is the connection's id as the canonical request encodes it, `sha256` the hash of the
 * body.
 */
type Sign = (canonicalId: string, sha256: string) => string;

const secondOf = (nowMs: number): number => Math.floor(nowMs / MS_PER_SECOND);

const isCurrent = (scope: SigningScope | undefined, { credentials, nowMs }: Signature): scope is SigningScope =>
  scope !== undefined && scope.credentials === credentials && scope.second === secondOf(nowMs);

/** The endpoint of the posts. */
interface Endpoint {
  readonly region: string;
  readonly host: string;
  readonly canonicalBasePath: string;
}

function openScope({ credentials, nowMs, region, host, canonicalBasePath }: Signature & Endpoint): SigningScope {
  const date = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const day = date.slice(0, 8);
  const scope = `${day}/${region}/${SERVICE}/aws4_request`;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const token = sessionToken === undefined ? [] : ['x-amz-security-token', sessionToken];
  if (ILLEGAL_IN_HEADER.test(accessKeyId + (sessionToken ?? ''))) {
    throw new Error('The credentials have characters that no HTTP header may have.');
  }
  const signed = ['content-type', 'host', 'x-amz-content-sha256', 'x-amz-date', ...token.slice(0, 1)].join(';');
  const tokenLine = token.length === 0 ? '' : `${token.join(':')}\n`;
  const hashRequest = startHashing([
    `POST\n${canonicalBasePath}`,
    `\n\ncontent-type:${CONTENT_TYPE}\nhost:${host}\nx-amz-content-sha256:`,
    `\nx-amz-date:${date}\n${tokenLine}\n${signed}\n`,
  ]);
  const hmac = startHmac(signingKey(secretAccessKey, [day, region, SERVICE]), `${ALGORITHM}\n${date}\n${scope}\n`);
  return {
    credentials,
    second: secondOf(nowMs),
    headers: ['x-amz-date', date, ...token],
    authorization: `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=`,
    sign: (canonicalId, sha256) => hmac(hashRequest(canonicalId, sha256)),
  };
}

/** Returns the key that signs the requests of one day, region and service, by their names and `aws4_request`. */
export const signingKey = (secret: string, scope: readonly string[]): Buffer =>
  [...scope, 'aws4_request'].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );

/**
 * Returns a function that hashes canonical requests in one buffer, in which only the id and the body's hash (which
 * occurs twice) change. The buffer is rebuilt for an id of another length. A string would have to be encoded whole each
 * time.
 */
function startHashing([beforeId, afterId, afterHash]: readonly [string, string, string]): Sign {
  let request = Buffer.alloc(0);
  let idLength = -1;
  const idAt = Buffer.byteLength(beforeId);
  const idToHash = Buffer.byteLength(afterId);
  const hashToHash = Buffer.byteLength(afterHash);
  return (canonicalId, sha256) => {
    const hashAt = idAt + canonicalId.length + idToHash;
    if (canonicalId.length !== idLength) {
      idLength = canonicalId.length;
      request = Buffer.from(beforeId + canonicalId + afterId + sha256 + afterHash + sha256);
    }
    request.write(canonicalId, idAt, 'latin1');
    request.write(sha256, hashAt, 'latin1');
    request.write(sha256, hashAt + HEX_BYTES + hashToHash, 'latin1');
    return hash('sha256', request);
  };
}

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
