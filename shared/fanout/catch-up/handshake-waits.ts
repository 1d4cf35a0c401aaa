import { createNewest } from '../../newest.ts';

/**
 * Number of times that catch-ups wait for the handshake of one connection, over all its first subscriptions together.
 */
export const HANDSHAKE_ATTEMPTS = 40;
/** Length of one such wait in ms. */
export const HANDSHAKE_PAUSE_MS = 50;
/** Time in ms that a warm Lambda may spend on waits for handshakes at a stretch. */
export const HANDSHAKE_BUDGET_MS = 4_000;
/** Share of the passing time by which the budget for handshakes fills again. */
export const HANDSHAKE_SHARE = 0.2;
/** Number of connections whose waits a warm Lambda remembers; the oldest is forgotten. */
export const HANDSHAKE_CONNECTIONS = 1_000;

/**
 * A budget for waiting until handshakes are done. Handshakes that are never completed must not hold up the connections
 * behind them: each connection is waited for a bounded number of times, for all its topics together, and all of them
 * for a bounded share of the time.
 */
export interface HandshakeWaits {
  /** Returns whether a catch-up may wait once more for this connection's handshake, and counts the wait. */
  readonly take: (connectionId: string) => boolean;
}

/** Creates the budget of a warm environment. */
export function createHandshakeWaits(now: () => number): HandshakeWaits {
  const taken = createNewest<string, number>(HANDSHAKE_CONNECTIONS);
  let budgetMs: number = HANDSHAKE_BUDGET_MS;
  let filledAtMs = now();
  const refill = (): void => {
    const gainedMs = (now() - filledAtMs) * HANDSHAKE_SHARE;
    budgetMs = Math.min(HANDSHAKE_BUDGET_MS, budgetMs + gainedMs);
    filledAtMs = now();
  };
  return {
    take: (connectionId) => {
      refill();
      const before = taken.get(connectionId) ?? 0;
      if (before >= HANDSHAKE_ATTEMPTS || budgetMs < HANDSHAKE_PAUSE_MS) return false;
      budgetMs -= HANDSHAKE_PAUSE_MS;
      taken.set(connectionId, before + 1);
      return true;
    },
  };
}
