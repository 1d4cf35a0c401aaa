import { createHash } from 'node:crypto';
import type { Sender } from './subscription-record.ts';

/** The length in characters of a subject's hash in a key: 132 bits. */
const HASH_LENGTH = 22;

/**
 * Returns the idempotency key as it is stored: where the stack authenticates, with a hash of the caller's subject
 * before it. Two subjects may use one key then; neither repeats the other's request, nor takes a key from the other.
 */
export function ownKey<K extends string | undefined>(key: K, { subject }: Pick<Sender, 'subject'>): string | K {
  if (key === undefined || subject === undefined) return key;
  return `${createHash('sha256').update(subject).digest('base64url').slice(0, HASH_LENGTH)}#${key}`;
}
