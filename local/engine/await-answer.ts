import { setTimeout as delay } from 'node:timers/promises';

/** Deadline in ms for an engine to answer, 30,000. The slower engine (Java) needs one or two seconds. */
const READY_MAXIMUM_MS = 30_000;

/** Pause in ms between two tries, 10. The faster engine is ready after 15 ms. */
const PROBE_INTERVAL_MS = 10;

/** Deadline in ms of one try, 2,000. A try may hang on an address that never answers. */
const PROBE_TIMEOUT_MS = 2_000;

/**
 * Sends requests until the endpoint answers over HTTP. Returns false after the deadline, or when `isHopeful` returns
 * false.
 */
export async function awaitAnswer(endpoint: string, isHopeful: () => boolean): Promise<boolean> {
  const giveUpAt = performance.now() + READY_MAXIMUM_MS;
  while (isHopeful() && performance.now() < giveUpAt) {
    if (await answers(endpoint)) return isHopeful();
    await delay(PROBE_INTERVAL_MS);
  }
  return false;
}

/** Returns whether the endpoint answers one request. Any answer counts, refusals included: a server reads requests. */
export async function answers(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(endpoint, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.body?.cancel();
    return true;
  } catch {
    // Refused or silent: not ready yet.
    return false;
  }
}
