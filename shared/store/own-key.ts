import { createHash } from 'node:crypto';
import type { Sender } from './subscription-record.ts';

/** The length in characters of a subject's hash in a key: 132 bits. */
const HASH_LENGTH = 22;

/** Returns the hash by which a subject stands in keys: a subject may be long, and contain any character. */
export const hashOfSubject = (subject: string): string =>
  createHash('sha256').update(subject).digest('base64url').slice(0, HASH_LENGTH);

/**
 * Returns the idempotency key as it is stored: where the stack authenticates, with a hash of the caller's subject
 * before it. Two subjects may use one key then; neither repeats the other's request, nor takes a key from the other.
 */
export function ownKey<K extends string | undefined>(key: K, { subject }: Pick<Sender, 'subject'>): string | K {
  if (key === undefined || subject === undefined) return key;
  return `${hashOfSubject(subject)}#${key}`;
}

/**
 * Returns the idempotency key of a table's stream record in one source. A client's key is printable ASCII without
 * spaces, and so is a hash, so this key is none of theirs. The source is in it: two sources may make a message each of
 * one record, in one topic.
 */
export const recordKey = (source: string, streamArn: string, eventId: string): string =>
  `${source} ${streamArn.slice(streamArn.indexOf('table/'))} ${eventId}`;
