import { STORE_BOUNDS } from '../../store/bounds.ts';
import { shardsNeeded } from '../../store/topic-shards.ts';
import { FANOUT_BOUNDS } from '../bounds.ts';

export interface TopicGrowthDeps {
  /** Gives a topic so many shards, unless it has them, and tells the routes. */
  readonly grow: (topic: string, shards: number) => Promise<unknown>;
  readonly report: (event: {
    readonly event: 'grow-failed';
    readonly error: unknown;
    readonly subject: string;
  }) => void;
  readonly now: () => number;
}

/** A topic as it was just delivered to. */
export interface TopicSize {
  readonly topic: string;
  readonly shards: number;
  readonly subscribers: number;
}

/** Sees to it that a topic has the shards that it needs. Never rejects: the next delivery sees the same. */
export type NoteSize = (size: TopicSize) => Promise<void>;

/**
 * Grows a topic that has too many subscribers for its shards, and from time to time tells the routes anew of one that has
 * grown: their directory forgets it otherwise. A topic of one shard that holds them costs nothing.
 */
export function createTopicGrowth({ grow, report, now }: TopicGrowthDeps): NoteSize {
  const toldAtMs = new Map<string, number>();
  return async ({ topic, shards, subscribers }) => {
    const needed = shardsNeeded(subscribers, shards);
    const isTold = now() - (toldAtMs.get(topic) ?? -Infinity) < FANOUT_BOUNDS.TELL_ROUTES_MS;
    if (needed === shards && (shards === 1 || isTold)) return;
    try {
      await grow(topic, needed);
      toldAtMs.delete(topic);
      toldAtMs.set(topic, now());
      const [oldest] = toldAtMs.keys();
      if (toldAtMs.size > MOST_TOLD && oldest !== undefined) toldAtMs.delete(oldest);
    } catch (error) {
      // What was delivered is delivered; the topic works as it is.
      report({ event: 'grow-failed', error, subject: topic });
    }
  };
}

/** As many as the directory holds. */
const MOST_TOLD = STORE_BOUNDS.DIRECTORY_PAGES * STORE_BOUNDS.DIRECTORY_TOPICS;
