import { RealtimeError, type RealtimeErrorCode } from '../client/src/index.ts';

/** The texts of errors that a person can meet. The client's own texts are written for programmers. */
const TEXTS: Partial<Record<RealtimeErrorCode, string>> = {
  'bad-topic':
    'This name is not possible. A name has letters, digits and _ - . : / and at most 128 characters, and may end in /* for all names that begin so.',
  'too-large': 'The text is too long.',
  'too-many-topics': 'The page cannot show more topics. Unsubscribe from one first.',
  'queue-full': 'Too much is waiting for the connection. Try again later.',
  'out-of-bounds': 'The counter cannot go further.',
  forbidden: 'You may not do this.',
  unauthorized: 'The server does not let this identity in.',
  'no-token': 'There is no token for this identity. The page tries again.',
  'token-expired': 'The token has ended. The page connects with a new one.',
  revoked: 'Permissions of this identity were taken away. The page connects again for what is left.',
  'rate-limited': 'Too much at once. The server takes more in a moment.',
  unavailable: 'The server is busy. Try again later.',
};

/** Returns the text of an error to show to a person. */
export function errorText(error: unknown): string {
  const known = error instanceof RealtimeError ? TEXTS[error.code] : undefined;
  // The client throws it for the 101st topic.
  if (error instanceof RangeError) return TEXTS['too-many-topics'] ?? error.message;
  return known ?? (error instanceof Error ? error.message : String(error));
}
