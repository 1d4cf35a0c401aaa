import { hash } from 'node:crypto';
import { HEX_BYTES, isCurrent, openScope, type Signature, type SigningScope } from '../http/sigv4.ts';
import type { PreparedFrame } from './prepared-frames.ts';

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
const CONTENT_TYPE = 'application/octet-stream';

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
  let scope: PostScope | undefined;
  return (connectionId, { body, sha256 }, by) => {
    if (!isCurrent(scope, by)) scope = openPostScope({ region, host, canonicalBasePath }, by);
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

/** A scope for the posts to one endpoint. */
interface PostScope extends Pick<SigningScope, 'credentials' | 'second'> {
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

/** The endpoint of the posts. */
interface Endpoint {
  readonly region: string;
  readonly host: string;
  readonly canonicalBasePath: string;
}

function openPostScope({ region, host, canonicalBasePath }: Endpoint, by: Signature): PostScope {
  const { date, token, authorizationOf, ...scope } = openScope({ region, service: SERVICE }, by);
  const tokenName = token === undefined ? [] : ['x-amz-security-token'];
  const signed = ['content-type', 'host', 'x-amz-content-sha256', 'x-amz-date', ...tokenName].join(';');
  const tokenLine = token === undefined ? '' : `x-amz-security-token:${token}\n`;
  const hashRequest = startHashing([
    `POST\n${canonicalBasePath}`,
    `\n\ncontent-type:${CONTENT_TYPE}\nhost:${host}\nx-amz-content-sha256:`,
    `\nx-amz-date:${date}\n${tokenLine}\n${signed}\n`,
  ]);
  return {
    ...scope,
    headers: ['x-amz-date', date, ...(token === undefined ? [] : ['x-amz-security-token', token])],
    authorization: authorizationOf(signed),
    sign: (canonicalId, sha256) => scope.sign(hashRequest(canonicalId, sha256)),
  };
}

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
