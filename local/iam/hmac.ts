import { hash } from 'node:crypto';

/** Bytes of a block of SHA-256. */
const BLOCK_BYTES = 64;
/** The bytes by which a key is changed, inside and outside: RFC 2104. */
const [INNER, OUTER] = [0x36, 0x5c];

/** A key of HMAC with SHA-256, as its two hashes begin. */
export interface HmacKey {
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

/** Prepares a key for many texts. */
export function hmacKey(key: Buffer): HmacKey {
  const short = key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key;
  const block = Buffer.alloc(BLOCK_BYTES);
  short.copy(block);
  return { inner: block.map(changeBy(INNER)), outer: block.map(changeBy(OUTER)) };
}

const changeBy =
  (mask: number) =>
  (byte: number): number =>
    byte ^ mask;

/**
 * Returns the HMAC of a text by SHA-256, in hexadecimal. Made of two hashes in one call each: an object of Node's own
 * `createHmac` costs several times what it computes, and each call of a function is signed.
 */
export function hmac({ inner, outer }: HmacKey, text: string): string {
  const first = hash('sha256', Buffer.concat([inner, Buffer.from(text)]), 'buffer');
  return hash('sha256', Buffer.concat([outer, first]), 'hex');
}
