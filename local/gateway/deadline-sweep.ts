import type { GatewayConnection } from './connection.ts';
import type { GatewayLimits } from './limits.ts';

/** Longest time in ms between two sweeps, 1,000: a connection ends so much after its deadline at most. */
const LONGEST_STEP_MS = 1_000;
/** Sweeps in the shortest time that a connection may live. */
const STEPS = 10;

/**
 * Creates the sweep that ends connections at their deadlines, and returns the function that starts it, until there are
 * no connections left. A timer for each would cost every idle connection some 250 bytes.
 */
export function createDeadlineSweep(
  connections: ReadonlyMap<string, GatewayConnection>,
  { idleMs, durationMs }: Pick<GatewayLimits, 'idleMs' | 'durationMs'>,
): () => void {
  const stepMs = Math.min(LONGEST_STEP_MS, Math.ceil(Math.min(idleMs, durationMs) / STEPS));
  let timer: NodeJS.Timeout | undefined;
  const sweep = (): void => {
    for (const connection of connections.values()) connection.endIfDue();
    if (connections.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return () => {
    timer ??= setInterval(sweep, stepMs).unref();
  };
}
