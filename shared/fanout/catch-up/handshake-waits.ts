import { FANOUT_BOUNDS } from '../bounds.ts';

/**
 * Whether a catch-up may wait once more for a connection's handshake. Connections that begin and never come to be must not
 * hold up those behind them: each is waited for only so often, for all its topics together, and all of them only for a
 * share of the time.
 */
export interface HandshakeWaits {
  readonly take: (connectionId: string) => boolean;
}

/** Remembers, while an environment is warm, how often each connection was waited for; the newest so many. */
export function createHandshakeWaits(now: () => number): HandshakeWaits {
  const taken = new Map<string, number>();
  let budgetMs: number = FANOUT_BOUNDS.HANDSHAKE_BUDGET_MS;
  let filledAtMs = now();
  const refill = (): void => {
    const gainedMs = (now() - filledAtMs) * FANOUT_BOUNDS.HANDSHAKE_SHARE;
    budgetMs = Math.min(FANOUT_BOUNDS.HANDSHAKE_BUDGET_MS, budgetMs + gainedMs);
    filledAtMs = now();
  };
  return {
    take: (connectionId) => {
      refill();
      const before = taken.get(connectionId) ?? 0;
      if (before >= FANOUT_BOUNDS.HANDSHAKE_ATTEMPTS || budgetMs < FANOUT_BOUNDS.HANDSHAKE_PAUSE_MS) return false;
      budgetMs -= FANOUT_BOUNDS.HANDSHAKE_PAUSE_MS;
      taken.delete(connectionId);
      taken.set(connectionId, before + 1);
      const [oldest] = taken.keys();
      if (taken.size > FANOUT_BOUNDS.HANDSHAKE_CONNECTIONS && oldest !== undefined) taken.delete(oldest);
      return true;
    },
  };
}
