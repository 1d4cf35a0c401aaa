import { setTimeout as delay } from 'node:timers/promises';

/** An engine that takes longer is not coming: the slower one (Java) needs one or two seconds. */
const READY_MAXIMUM_MS = 30_000;

/** Between two tries; the faster engine is ready after 15 ms. */
const PROBE_INTERVAL_MS = 10;

/** One try may hang on an address that answers nothing. */
const PROBE_TIMEOUT_MS = 2_000;

/** Asks until the endpoint answers anything over HTTP; false when it never does or is given up. */
export async function awaitAnswer(endpoint: string, isHopeful: () => boolean): Promise<boolean> {
  const giveUpAt = performance.now() + READY_MAXIMUM_MS;
  while (isHopeful() && performance.now() < giveUpAt) {
    if (await answers(endpoint)) return isHopeful();
    await delay(PROBE_INTERVAL_MS);
  }
  return false;
}

/** One try. Any answer counts, refusals included: what matters is that a server reads requests. */
export async function answers(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(endpoint, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.body?.cancel();
    return true;
  } catch {
    // Refused or silent: not ready yet, which is an answer to the question.
    return false;
  }
}
