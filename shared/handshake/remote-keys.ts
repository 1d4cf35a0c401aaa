import { createRemoteJWKSet, customFetch, errors, type FetchImplementation, type JWTVerifyGetKey } from 'jose';
import * as z from 'zod/mini';
import { readBounded, failureText } from './read-bounded.ts';
import { KeysUnavailableError } from './refusals.ts';
import type { TokenKeys } from './verify-token.ts';

/**
 * Time in ms for which an environment uses the issuer's keys before it reads them again. A key that the issuer withdrew
 * is accepted for this long.
 * @limit operator
 */
export const KEY_SET_MS = 600_000;

/**
 * Time in ms between two reads of the issuer's keys for tokens that name an unknown key, by one environment. Anyone can
 * make tokens of this kind. A token by a key that the issuer has added a moment ago may be refused for this long.
 * @limit operator
 */
export const KEY_SET_COOLDOWN_MS = 30_000;

/**
 * Time in ms after a failed read of the issuer's keys in which an environment does not try again.
 * @limit operator
 */
export const KEY_SET_RETRY_MS = 5_000;

/**
 * Deadline in ms of reading the issuer's keys. Past it the handshake fails with 500.
 * @limit operator
 */
const KEY_SET_TIMEOUT_MS = 3_000;

const keySetSchema = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

/**
 * Creates the keys that an issuer serves at an address: read at the first token, kept over invocations, and read again
 * when they are old or when a token names an unknown key, within bounds.
 */
export function createRemoteKeys(jwksUri: string, now: () => number): TokenKeys {
  const keySet = createRemoteJWKSet(new URL(jwksUri), {
    cacheMaxAge: KEY_SET_MS,
    cooldownDuration: KEY_SET_COOLDOWN_MS,
    timeoutDuration: KEY_SET_TIMEOUT_MS,
    [customFetch]: createBoundedFetch(now),
  });
  const keyOf: JWTVerifyGetKey = async (header, token) => {
    try {
      return await keySet(header, token);
    } catch (error) {
      throw isAboutToken(error) ? error : new KeysUnavailableError(`No keys from ${jwksUri}: ${failureText(error)}`);
    }
  };
  return { keyOf, refresh: async () => false };
}

const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;

/**
 * Returns a `fetch` that reads a set of keys whole and within a bound, and that fails at once for a moment after it has
 * failed. jose bounds how often it asks only after an answer: without this, each handshake of an outage would ask.
 */
function createBoundedFetch(now: () => number): FetchImplementation {
  let retryAt = Number.NEGATIVE_INFINITY;
  return async (url, options) => {
    if (now() < retryAt) throw new Error('the last read has failed a moment ago');
    try {
      const response = await fetch(url, options);
      if (response.status !== 200) throw new Error(`the answer has the status ${response.status}`);
      const keySet: unknown = JSON.parse(await readBounded(response));
      if (!keySetSchema.safeParse(keySet).success) throw new Error('the answer is not a set of keys');
      return Response.json(keySet);
    } catch (error) {
      retryAt = now() + KEY_SET_RETRY_MS;
      throw error;
    }
  };
}
