import { createNewest } from '../../newest.ts';
import { STORE_BOUNDS } from '../../store/bounds.ts';
import { shardsNeeded } from '../../store/topic-shards.ts';

/** Interval in ms at which each warm Lambda enters a grown topic in the shard directory again. */
export const TELL_ROUTES_MS = 3_600_000;

/** The dependencies of growing topics. */
export interface TopicGrowthDeps {
  /** Gives a topic at least this number of shards, and enters it in the shard directory. */
  readonly grow: (topic: string, shards: number) => Promise<unknown>;
  readonly report: (event: {
    readonly event: 'grow-failed';
    readonly error: unknown;
    readonly subject: string;
  }) => void;
  readonly now: () => number;
}

/** The size of a topic at a delivery. */
export interface TopicSize {
  readonly topic: string;
  readonly shards: number;
  readonly subscribers: number;
}

/** Gives a topic the shards that its size needs. Never rejects: the next delivery sees the same size. */
export type NoteSize = (size: TopicSize) => Promise<void>;

/**
 * Returns a function that grows a topic with too many subscribers for its shards, and that enters a grown topic in the
 * shard directory again from time to time, since its entry there expires. A topic of one shard costs nothing.
 */
export function createTopicGrowth({ grow, report, now }: TopicGrowthDeps): NoteSize {
  const toldAtMs = createNewest<string, number>(MOST_TOLD);
  return async ({ topic, shards, subscribers }) => {
    const needed = shardsNeeded(subscribers, shards);
    const isTold = now() - (toldAtMs.get(topic) ?? -Infinity) < TELL_ROUTES_MS;
    if (needed === shards && (shards === 1 || isTold)) return;
    try {
      await grow(topic, needed);
      toldAtMs.set(topic, now());
    } catch (error) {
      // The delivery is done; the topic works with the shards that it has.
      report({ event: 'grow-failed', error, subject: topic });
    }
  };
}

/** The number of topics that the directory holds. */
const MOST_TOLD = STORE_BOUNDS.DIRECTORY_PAGES * STORE_BOUNDS.DIRECTORY_TOPICS;
