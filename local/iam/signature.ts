import type { Session } from './sessions.ts';

/** The caller of a request, by its signature. */
export type Signer =
  | { readonly kind: 'function'; readonly session: Session }
  /** Somebody of this machine: a tool, a test, the runtime. Everything is allowed. */
  | { readonly kind: 'operator' }
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'unknown-key' }
  /** A signature by another secret or of another request, or with another session token. */
  | { readonly kind: 'mismatch' | 'wrong-token' }
  /** A signature that is too old, or of a time to come, with the words for it. */
  | { readonly kind: 'out-of-time'; readonly fault: string }
  | { readonly kind: 'wrong-region' | 'wrong-service'; readonly found: string; readonly expected: string };

/** The scope that a service expects in a signature. */
interface Scope {
  readonly region: string;
  /** The name under which the service's requests are signed, such as `dynamodb`. */
  readonly service: string;
}

/** Tells the caller of a request by its `Authorization` header. */
export type Authenticate = (authorization: string | undefined, scope: Scope) => Signer;

const CREDENTIAL = /\bCredential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\/([^/,\s]+)\/aws4_request/;

/** The form of a key that AWS gives out. A tool's own `local` or `test` does not have it. */
const AWS_KEY = /^A(?:KI|SI)A[A-Z0-9]{12,}$/;

/** Returns the access key of a signature; undefined for a header that is none. */
export const accessKeyOf = (authorization: string): string | undefined => CREDENTIAL.exec(authorization)?.[1];

/**
 * Returns a function that tells callers apart. A key of AWS's form that is no function's own is not known here, as on
 * AWS a key of nobody.
 */
export function createAuthenticate(sessions: readonly Session[]): Authenticate {
  const byKey = new Map(sessions.map((session) => [session.credentials.accessKeyId, session]));
  return (authorization, { region, service }) => {
    if (authorization === undefined) return { kind: 'unsigned' };
    const [, key = '', signedRegion = '', signedService = ''] = CREDENTIAL.exec(authorization) ?? [];
    const session = byKey.get(key);
    if (session === undefined) return AWS_KEY.test(key) ? { kind: 'unknown-key' } : { kind: 'operator' };
    if (signedRegion !== region) return { kind: 'wrong-region', found: signedRegion, expected: region };
    if (signedService !== service) return { kind: 'wrong-service', found: signedService, expected: service };
    return { kind: 'function', session };
  };
}
