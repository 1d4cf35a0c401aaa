import type { Waiting } from '../../shared/backoff.ts';

/** Waits for nothing, and keeps how long it was asked to. */
export function createFakeWaiting(random = 0.5): Waiting & { readonly sleptMs: number[] } {
  const sleptMs: number[] = [];
  return {
    sleptMs,
    sleep: async (ms) => {
      sleptMs.push(ms);
    },
    random: () => random,
  };
}
