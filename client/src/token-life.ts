import * as BOUNDS from './bounds.ts';

/**
 * Returns the time in ms for which a JWT can still be used, by its claims `exp` and `iat`; Infinity for any other
 * token. Verifies nothing: that is the server's part. A device whose clock is wrong must not renew all the time, or too
 * late: a token lives at most from `iat` to `exp`, and a time that is over does not count.
 */
export function tokenLifeMs(token: string, nowMs: number): number {
  const { exp = NaN, iat = NaN } = claimsOf(token);
  const lives = [exp * 1_000 - nowMs, (exp - iat) * 1_000].filter((ms) => ms > 0);
  return Math.max(BOUNDS.RENEW_PAUSE_MS / BOUNDS.RENEW_FROM_SHARE, Math.min(...lives));
}

/** The claims of a JWT about its time, in seconds. */
interface Claims {
  readonly exp?: number;
  readonly iat?: number;
}

function claimsOf(token: string): Claims {
  try {
    const [, payload = ''] = token.split('.');
    // A text in it may have characters beyond Latin-1, and come out wrong. Numbers do not.
    return JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) ?? {};
  } catch {
    return {};
  }
}
