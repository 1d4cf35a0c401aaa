import { FANOUT_BOUNDS } from './bounds.ts';

/** Connections that used up their retries lately. They are posted to last and once, so that nobody waits for them again. */
export interface SlowConnections {
  readonly has: (connectionId: string) => boolean;
  readonly add: (connectionId: string) => void;
  readonly remove: (connectionId: string) => void;
}

/** Remembers slow connections while an environment is warm: the newest so many, each for a while. */
export function createSlowConnections(now: () => number): SlowConnections {
  const until = new Map<string, number>();
  return {
    has: (connectionId) => (until.get(connectionId) ?? 0) > now(),
    add: (connectionId) => {
      until.delete(connectionId);
      until.set(connectionId, now() + FANOUT_BOUNDS.SLOW_MS);
      const [oldest] = until.keys();
      if (until.size > FANOUT_BOUNDS.SLOW_CONNECTIONS && oldest !== undefined) until.delete(oldest);
    },
    remove: (connectionId) => void until.delete(connectionId),
  };
}
