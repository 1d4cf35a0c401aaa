import { createNewest } from '../../newest.ts';
import type { Change } from '../stream-records.ts';

/**
 * Shortest time in ms between two posts of a counter’s value: at most 17 a second to each subscriber, however fast
 * the counter changes. Values between are conflated.
 * @limit client
 */
export const COUNTER_INTERVAL_MS = 60;
/** Number of counters that a warm Lambda paces; the oldest is forgotten. */
export const PACED_COUNTERS = 1_000;

/**
 * The changes of a batch, divided by when they may be delivered. Each part keeps the stream's order; no topic is in
 * both.
 */
interface Paced {
  readonly ready: readonly Change[];
  readonly held: readonly Change[];
  /** Time in ms that `held` has to wait; 0 when it is empty. */
  readonly holdMs: number;
}

/**
 * A limit of the rate at which counters are delivered. A change that comes too soon after the one before is held, so
 * that the changes that gather in the stream meanwhile are conflated with it. The first change after a pause is
 * delivered at once, and messages are never held (docs/adr/0012-paced-counters.md).
 */
export interface CounterPace {
  readonly part: (changes: readonly Change[]) => Paced;
  /** Records that these changes are delivered now. */
  readonly note: (changes: readonly Change[]) => void;
}

/** Creates the limit of a warm environment, which remembers when each of the newest counters was delivered. */
export function createCounterPace(now: () => number): CounterPace {
  const deliveredAtMs = createNewest<string, number>(PACED_COUNTERS);
  const waitOf = ({ head: { kind, topic } }: Change): number => {
    const lastMs = kind === 'counter' ? deliveredAtMs.get(topic) : undefined;
    // A clock that was set back must hold no change longer than the interval.
    return lastMs === undefined ? 0 : Math.min(lastMs - now(), 0) + COUNTER_INTERVAL_MS;
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
        if (head.kind === 'counter') deliveredAtMs.set(head.topic, now());
      }
    },
  };
}
