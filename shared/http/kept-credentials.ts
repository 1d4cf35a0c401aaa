import type { Credentials } from './sigv4.ts';

/** Time in ms for which credentials are used before they are asked for again. */
export const CREDENTIALS_MS = 1_000;

/** Credentials that are asked for at most once in CREDENTIALS_MS. */
export interface KeptCredentials {
  /** Returns the credentials, or undefined when it is time to ask for them again. */
  readonly known: () => Credentials | undefined;
  readonly ask: () => Promise<Credentials>;
}

/** The source of credentials, and the clock. */
export interface KeptCredentialsDeps {
  readonly credentials: () => Credentials | Promise<Credentials>;
  readonly now: () => number;
}

/** Keeps credentials for a moment. Between two moments nobody waits: an `await` in each request costs more. */
export function keepCredentials({ credentials, now }: KeptCredentialsDeps): KeptCredentials {
  let current: Credentials | undefined;
  let untilMs = 0;
  return {
    known: () => (now() < untilMs ? current : undefined),
    ask: async () => {
      current = await credentials();
      untilMs = now() + CREDENTIALS_MS;
      return current;
    },
  };
}
