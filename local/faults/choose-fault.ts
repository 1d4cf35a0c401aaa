import type { PlannedFault, FaultPlan, FaultyCall } from './fault.ts';

/** Returns the fault of a call; undefined for one that is left alone. Each question counts as a call. */
export type ChooseFault = (call: FaultyCall) => PlannedFault | undefined;

/**
 * Returns a function that chooses the calls that fail. Each rule draws from its own sequence of numbers, so that its
 * choices do not depend on the calls of the others. The first rule that strikes is the fault.
 */
export function createChooseFault({ seed, faults }: FaultPlan): ChooseFault {
  const strikes = faults.map((fault, index) => createStrikes(fault, randomNumbers(seed + index)));
  return (call) => faults.find((fault, index) => matches(fault, call) && strikes[index]?.() === true);
}

function matches({ service, operation, on }: PlannedFault, call: FaultyCall): boolean {
  if (service !== call.service) return false;
  if (operation !== undefined && operation !== call.operation) return false;
  return on === undefined || call.resources.some((resource) => resource.includes(on));
}

function createStrikes({ after, times, share }: PlannedFault, random: () => number): () => boolean {
  let [calls, failed] = [0, 0];
  return () => {
    calls += 1;
    // Drawn for each call, so that `after` and `times` move no later choice.
    const isDrawn = random() < share;
    if (calls <= after || failed >= times || !isDrawn) return false;
    failed += 1;
    return true;
  };
}

/** Returns a source of numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
