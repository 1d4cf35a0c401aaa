import type { Clock } from './types.ts';

/**
 * The clock of the platform. `performance.now` never goes back; on most systems it stands still while the device
 * sleeps.
 */
export const monotonicClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
