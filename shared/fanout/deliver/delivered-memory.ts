import { FANOUT_BOUNDS } from '../bounds.ts';
import type { Change } from '../stream-records.ts';

/**
 * What was delivered of a batch that failed. It is handed over again from its first failure on, and most often to the same
 * environment: what the others have already is then not sent to them twice. To forget is safe: clients drop repeats.
 */
export interface DeliveredMemory {
  /** Whether a place (a topic, or one shard of it) has this change. */
  readonly has: (place: string, change: Change) => boolean;
  /** A place has this change, and what was before it. */
  readonly add: (place: string, change: Change) => void;
}

/** Remembers while an environment is warm: the newest so many places, each for as long as a batch is tried again. */
export function createDeliveredMemory(now: () => number): DeliveredMemory {
  const places = new Map<string, { readonly epoch: string; readonly seq: number; readonly untilMs: number }>();
  return {
    has: (place, { head: { epoch, seq } }) => {
      const known = places.get(place);
      return known !== undefined && known.epoch === epoch && seq <= known.seq && now() < known.untilMs;
    },
    add: (place, { head: { epoch, seq } }) => {
      places.delete(place);
      places.set(place, { epoch, seq, untilMs: now() + FANOUT_BOUNDS.DELIVERED_MS });
      const [oldest] = places.keys();
      if (places.size > FANOUT_BOUNDS.DELIVERED_PLACES && oldest !== undefined) places.delete(oldest);
    },
  };
}
