import { createNewest } from '../../newest.ts';

/**
 * Bytes of missed messages that one connection may be sent at a stretch, over all its topics and requests: a
 * `subscribe` of 76 bytes may buy megabytes. A connection over it gets `recovered: false`.
 * @limit client
 */
export const RECOVERY_BUDGET_BYTES = 8_388_608;
/**
 * Bytes a second by which the budget of a connection fills again.
 * @limit client
 */
export const RECOVERY_BYTES_PER_SECOND = 262_144;
/** Number of connections whose budget a warm Lambda remembers; the oldest is forgotten. */
export const BUDGETED_CONNECTIONS = 10_000;

/** A budget of bytes for the recoveries of each connection. */
export interface RecoveryBudget {
  /** Returns whether the connection has anything left. A recovery that began within the budget may exceed it. */
  readonly hasRoom: (connectionId: string) => boolean;
  /** Records the bytes of a recovery. */
  readonly spend: (connectionId: string, bytes: number) => void;
}

/** Creates the budgets of a warm environment. */
export function createRecoveryBudget(now: () => number): RecoveryBudget {
  const spent = createNewest<string, { readonly bytes: number; readonly atMs: number }>(BUDGETED_CONNECTIONS);
  const spentBy = (connectionId: string): number => {
    const known = spent.get(connectionId);
    if (known === undefined) return 0;
    const refilled = (Math.max(0, now() - known.atMs) / 1_000) * RECOVERY_BYTES_PER_SECOND;
    return Math.max(0, known.bytes - refilled);
  };
  return {
    hasRoom: (connectionId) => spentBy(connectionId) < RECOVERY_BUDGET_BYTES,
    spend: (connectionId, bytes) => {
      if (bytes > 0) spent.set(connectionId, { bytes: spentBy(connectionId) + bytes, atMs: now() });
    },
  };
}
