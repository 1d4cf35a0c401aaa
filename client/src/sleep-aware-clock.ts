import * as BOUNDS from './bounds.ts';
import type { Clock } from './types.ts';

/**
 * Returns a clock that counts the time for which the device slept, while `clock` and its timers may stand still. A
 * sleep shows as a jump of the wall clock. Deadlines that must be shorter than one of the server's, such as the life of
 * a key, need this.
 */
export function sleepAwareClock(clock: Clock, wallNow: () => number): Clock {
  let [lastMs, lastWallMs] = [clock.now(), wallNow()];
  let sleptMs = 0;
  const now = (): number => {
    const [nowMs, wallMs] = [clock.now(), wallNow()];
    const jumpMs = wallMs - lastWallMs - (nowMs - lastMs);
    if (jumpMs >= BOUNDS.SLEEP_MS) sleptMs += jumpMs;
    [lastMs, lastWallMs] = [nowMs, wallMs];
    return nowMs + sleptMs;
  };
  return {
    now,
    after: (delayMs, callback) => afterInSlices({ now, after: (ms, then) => clock.after(ms, then) }, delayMs, callback),
  };
}

/**
 * Sets a timer in slices. After a sleep it fires within one slice, and a delay beyond 2^31 - 1 ms does not fire at
 * once.
 */
function afterInSlices({ now, after }: Clock, delayMs: number, callback: () => void): () => void {
  const dueMs = now() + delayMs;
  let cancel: () => void;
  const wait = (leftMs: number): void => {
    cancel = after(Math.max(0, Math.min(leftMs, BOUNDS.TIMER_SLICE_MS)), () => {
      const stillMs = dueMs - now();
      if (stillMs > 0) wait(stillMs);
      else callback();
    });
  };
  wait(delayMs);
  return () => cancel();
}
