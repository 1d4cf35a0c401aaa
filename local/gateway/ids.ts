/** Random bytes drawn at once: an id per message and per post must not cost a system call each. */
const POOL_BYTES = 4096;

/** API Gateway's usual id: 11 bytes, 16 characters of base64 with one `=`. */
const SHORT_ID_BYTES = 11;

/** Newer connection ids: 13 bytes, 20 characters with two `=`. */
const LONG_ID_BYTES = 13;

/** Longest id that is looked at. */
const MAX_ID_CHARS = 64;

const CONNECTION_ID = /^[\w-]{10,}={0,2}$/;

export interface IdSource {
  /** Of a request or a message. */
  readonly requestId: () => string;
  /** Of varying length, as on AWS, so that nobody comes to count on 16 characters. */
  readonly connectionId: () => string;
  /** `X-Amzn-Trace-Id` of an upgrade that began at this time. */
  readonly traceId: (epochMs: number) => string;
}

/** Makes ids of the form that API Gateway has: URL-safe base64 that keeps its padding. */
export function createIdSource(randomBytes: (size: number) => Buffer): IdSource {
  let pool: Buffer = Buffer.alloc(0);
  let used = 0;
  const take = (size: number): Buffer => {
    if (used + size > pool.length) {
      pool = randomBytes(POOL_BYTES);
      used = 0;
    }
    used += size;
    return pool.subarray(used - size, used);
  };
  return {
    requestId: () => `${take(SHORT_ID_BYTES).toString('base64url')}=`,
    connectionId: () => {
      const isLong = (take(1)[0] ?? 0) % 2 === 1;
      return isLong
        ? `${take(LONG_ID_BYTES).toString('base64url')}==`
        : `${take(SHORT_ID_BYTES).toString('base64url')}=`;
    },
    traceId: (epochMs) => `Root=1-${Math.floor(epochMs / 1000).toString(16)}-${take(12).toString('hex')}`,
  };
}

/** Tells an id that could be a connection's (then unknown means gone) from one that never was (a bad request). */
export function isConnectionId(text: string): boolean {
  return text.length <= MAX_ID_CHARS && text.length % 4 === 0 && CONNECTION_ID.test(text);
}
