/** Random bytes drawn at once: an id per message and per post must not cost a system call each. */
const POOL_BYTES = 4096;

/** The bytes of API Gateway's usual id: 16 characters of base64 with one `=`. */
const SHORT_ID_BYTES = 11;

/** The bytes of a newer connection id: 20 characters of base64 with two `=`. */
const LONG_ID_BYTES = 13;

/** The length of the longest id that is accepted. */
const MAX_ID_CHARS = 64;

const CONNECTION_ID = /^[\w-]{10,}={0,2}$/;

/** A source of ids in API Gateway's form. */
export interface IdSource {
  /** Returns a new id of a request or a message. */
  readonly requestId: () => string;
  /** Returns a new connection id. Its length varies, as on AWS, so that no code relies on 16 characters. */
  readonly connectionId: () => string;
  /** Returns a new `X-Amzn-Trace-Id` of an upgrade that began at this time. */
  readonly traceId: (epochMs: number) => string;
}

/** Creates a source of ids: URL-safe base64 that keeps its padding. */
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

/**
 * Returns whether a text has the form of a connection id. An unknown id of this form is answered with 410, any other
 * text with 400.
 */
export function isConnectionId(text: string): boolean {
  return text.length <= MAX_ID_CHARS && text.length % 4 === 0 && CONNECTION_ID.test(text);
}
