import { FANOUT_BOUNDS } from '../bounds.ts';

/** Connections that used up their retries lately. They are posted to last and once, so that nobody waits for them again. */
export interface SlowConnections {
  readonly has: (connectionId: string) => boolean;
  /** Whether it did not even answer the last time. */
  readonly isSilent: (connectionId: string) => boolean;
  /** Whether that was so lately that trying it again would only keep others waiting. */
  readonly isResting: (connectionId: string) => boolean;
  readonly add: (connectionId: string, outcome: 'throttled' | 'unanswered') => void;
  readonly remove: (connectionId: string) => void;
  /** What any connection's answer took. */
  readonly noteAnswer: (tookMs: number) => void;
  /** After how long a post is late, by what answers take here. */
  readonly lateMs: () => number;
  /** How long one that was silent is waited for, by the same. */
  readonly silentMs: () => number;
}

interface Slow {
  readonly untilMs: number;
  /** Since when it has not answered; none for one that was throttled. */
  readonly silentSinceMs: number | undefined;
  readonly restMs: number;
  readonly restUntilMs: number;
}

/** Remembers slow connections while an environment is warm: the newest so many, each for a while. */
export function createSlowConnections(now: () => number): SlowConnections {
  const slow = new Map<string, Slow>();
  let averageMs = 0;
  let answeredAtMs = now();
  return {
    has: (connectionId) => (slow.get(connectionId)?.untilMs ?? 0) > now(),
    isSilent: (connectionId) => slow.get(connectionId)?.silentSinceMs !== undefined,
    isResting: (connectionId) => (slow.get(connectionId)?.restUntilMs ?? 0) > now(),
    add: (connectionId, outcome) => {
      const before = slow.get(connectionId);
      slow.delete(connectionId);
      slow.set(connectionId, outcome === 'throttled' ? throttledAt(now()) : silentAt(now(), before));
      const [oldest] = slow.keys();
      if (slow.size > FANOUT_BOUNDS.SLOW_CONNECTIONS && oldest !== undefined) slow.delete(oldest);
    },
    remove: (connectionId) => void slow.delete(connectionId),
    noteAnswer: (tookMs) => {
      // What was long ago says nothing of now; and a clock that is put right took no time.
      if (now() - answeredAtMs > FANOUT_BOUNDS.SLOW_MS) averageMs = 0;
      answeredAtMs = now();
      const boundedMs = Math.min(FANOUT_BOUNDS.POST_TIMEOUT_MS, Math.max(0, tookMs));
      averageMs += (boundedMs - averageMs) / FANOUT_BOUNDS.AVERAGED_ANSWERS;
    },
    lateMs: () => upToCap(FANOUT_BOUNDS.LATE_MS, FANOUT_BOUNDS.LATE_FACTOR * averageMs),
    silentMs: () => upToCap(FANOUT_BOUNDS.SILENT_POST_TIMEOUT_MS, FANOUT_BOUNDS.SILENT_FACTOR * averageMs),
  };
}

const upToCap = (...atLeastMs: readonly number[]): number =>
  Math.min(FANOUT_BOUNDS.LATE_CAP_MS, Math.max(...atLeastMs));

const throttledAt = (nowMs: number): Slow => ({
  untilMs: nowMs + FANOUT_BOUNDS.SLOW_MS,
  silentSinceMs: undefined,
  restMs: 0,
  restUntilMs: 0,
});

/**
 * A 429 comes at once and costs the others nothing; silence costs them time, so it is met ever more rarely. But not before it
 * has lasted: a machine may have stood still for a moment, and who rests gets nothing.
 */
function silentAt(nowMs: number, before: Slow | undefined): Slow {
  const known = before !== undefined && before.untilMs > nowMs ? before : throttledAt(nowMs);
  const { silentSinceMs = nowMs } = known;
  const longerMs = Math.min(FANOUT_BOUNDS.SLOW_REST_CAP_MS, Math.max(FANOUT_BOUNDS.SLOW_REST_MS, 2 * known.restMs));
  const restMs = nowMs - silentSinceMs < FANOUT_BOUNDS.SILENT_MS ? 0 : longerMs;
  return {
    untilMs: nowMs + FANOUT_BOUNDS.SLOW_MS,
    silentSinceMs,
    restMs,
    restUntilMs: nowMs + restMs,
  };
}
