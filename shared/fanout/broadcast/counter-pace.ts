import { FANOUT_BOUNDS } from '../bounds.ts';
import type { Change } from '../stream-records.ts';

/** Changes of a batch, parted by when they may be delivered. Each keeps the stream's order; no topic is in both. */
interface Paced {
  readonly ready: readonly Change[];
  readonly held: readonly Change[];
  /** How long `held` has to wait; 0 when there is none. */
  readonly holdMs: number;
}

/**
 * Holds back a counter's change that comes too soon after the one before, so that what gathers in the stream meanwhile is
 * conflated with it: a counter costs each subscriber a bounded number of posts a second, however fast it changes. The first
 * change after a pause goes at once, and messages are never held.
 */
export interface CounterPace {
  readonly part: (changes: readonly Change[]) => Paced;
  /** These are being delivered now. */
  readonly note: (changes: readonly Change[]) => void;
}

/** Remembers when counters were delivered while an environment is warm; the newest so many. */
export function createCounterPace(now: () => number): CounterPace {
  const deliveredAtMs = new Map<string, number>();
  const waitOf = ({ head: { kind, topic } }: Change): number => {
    const lastMs = kind === 'counter' ? deliveredAtMs.get(topic) : undefined;
    // A clock that was set back must hold nothing longer than that.
    return lastMs === undefined ? 0 : Math.min(lastMs - now(), 0) + FANOUT_BOUNDS.COUNTER_INTERVAL_MS;
  };
  return {
    part: (changes) => {
      const waits = new Map(changes.map((change) => [change, Math.max(0, waitOf(change))]));
      const isHeld = (change: Change): boolean => (waits.get(change) ?? 0) > 0;
      return {
        ready: changes.filter((change) => !isHeld(change)),
        held: changes.filter(isHeld),
        holdMs: Math.max(0, ...waits.values()),
      };
    },
    note: (changes) => {
      for (const { head } of changes) {
        if (head.kind !== 'counter') continue;
        deliveredAtMs.delete(head.topic);
        deliveredAtMs.set(head.topic, now());
        const [oldest] = deliveredAtMs.keys();
        if (deliveredAtMs.size > FANOUT_BOUNDS.PACED_COUNTERS && oldest !== undefined) deliveredAtMs.delete(oldest);
      }
    },
  };
}
