import { createHmac, hash } from 'node:crypto';
import type { PreparedFrame } from './prepared-frames.ts';

/** Who signs. `sessionToken` is there with temporary credentials, as a Lambda's are. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** When and by whom a post is signed. */
interface Signature {
  readonly credentials: Credentials;
  readonly nowMs: number;
}

/** A post as it goes out, but for what HTTP itself adds. */
export interface SignedPost {
  readonly path: string;
  /** Name, value, name, value. */
  readonly headers: string[];
  readonly body: Buffer;
}

/** Signs the post of a frame to a connection. */
export type CallbackSigner = (connectionId: string, frame: PreparedFrame, by: Signature) => SignedPost;

const SERVICE = 'execute-api';
const ALGORITHM = 'AWS4-HMAC-SHA256';
const CONTENT_TYPE = 'application/octet-stream';
/** Block of SHA-256, which HMAC pads its key to. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const HEX_BYTES = 2 * DIGEST_BYTES;
const MS_PER_SECOND = 1_000;
/** What would end a header, or be cut to a byte. */
const NO_HEADER = /[^ -~]/;

/**
 * Signature Version 4, for posts to one callback URL and nothing else: all but the connection, the frame and the signature
 * itself is worked out once a second. The bytes are those of the official signer; a test compares them.
 */
export function createCallbackSigner(callbackUrl: string, region: string): CallbackSigner {
  const { host, pathname } = new URL(callbackUrl);
  const basePath = `${pathname.replace(/\/+$/, '')}/@connections/`;
  const canonicalBasePath = escapeUri(basePath).replaceAll('%2F', '/');
  let moment: Moment | undefined;
  return (connectionId, { body, sha256 }, by) => {
    if (!isOf(moment, by)) moment = startMoment({ ...by, region, host, canonicalBasePath });
    const id = escapeUri(connectionId);
    // The path is encoded once on the wire and, as everywhere but in S3, twice in what is signed.
    const signature = moment.sign(id.replaceAll('%', '%25'), sha256);
    const headers = [
      'content-type',
      CONTENT_TYPE,
      'x-amz-content-sha256',
      sha256,
      ...moment.headers,
      'authorization',
      moment.authorization + signature,
    ];
    return { path: basePath + id, headers, body };
  };
}

/** What `encodeURIComponent` leaves and RFC 3986 reserves is escaped too. */
const escapeUri = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** What the posts of one second by the same credentials have in common. */
interface Moment {
  readonly credentials: Credentials;
  readonly second: number;
  readonly headers: readonly string[];
  /** The header up to the signature. */
  readonly authorization: string;
  readonly sign: Sign;
}

/** Signs a post to a connection, whose id is encoded as it is signed, of a body of this hash. */
type Sign = (canonicalId: string, sha256: string) => string;

const secondOf = (nowMs: number): number => Math.floor(nowMs / MS_PER_SECOND);

const isOf = (moment: Moment | undefined, { credentials, nowMs }: Signature): moment is Moment =>
  moment !== undefined && moment.credentials === credentials && moment.second === secondOf(nowMs);

/** Where posts go. */
interface Place {
  readonly region: string;
  readonly host: string;
  readonly canonicalBasePath: string;
}

function startMoment({ credentials, nowMs, region, host, canonicalBasePath }: Signature & Place): Moment {
  const date = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const day = date.slice(0, 8);
  const scope = `${day}/${region}/${SERVICE}/aws4_request`;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const token = sessionToken === undefined ? [] : ['x-amz-security-token', sessionToken];
  if (NO_HEADER.test(accessKeyId + (sessionToken ?? ''))) throw new Error('The credentials do not fit a header.');
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

const signingKey = (secret: string, scope: readonly string[]): Buffer =>
  [...scope, 'aws4_request'].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );

/**
 * Hashes canonical requests, in one buffer in which only the id and the body's hash, which is there twice, change: it is made
 * anew for an id of another length. Of a string all would be encoded each time.
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
 * HMAC by its definition, H(key ^ opad, H(key ^ ipad, text)), in two buffers of which only the tail changes from post to
 * post: the one-shot `hash` costs a third of a `createHmac`. What it returns is never a buffer, which costs four times a string.
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
