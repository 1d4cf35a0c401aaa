/** Takes one token. Returns false if none is left. */
export type TokenBucket = () => boolean;

/**
 * Creates the stage's throttle: at most `burst` tokens, refilled at `ratePerSecond`. Without a throttle it never
 * refuses.
 */
export function createTokenBucket(
  throttle: { readonly ratePerSecond: number; readonly burst: number } | undefined,
  now: () => number,
): TokenBucket {
  if (throttle === undefined) return () => true;
  let tokens = throttle.burst;
  let filledAt = now();
  return () => {
    const at = now();
    tokens = Math.min(throttle.burst, tokens + (Math.max(0, at - filledAt) / 1000) * throttle.ratePerSecond);
    filledAt = at;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
