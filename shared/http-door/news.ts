import type { StreamState } from '../store/stream-state.ts';
import { HTTP_BOUNDS } from './http-bounds.ts';

const MS_PER_SECOND = 1_000;

/** A reader that waits for messages behind a position. */
interface Waiting {
  readonly topic: string;
  /** The stream as the reader knows it. */
  readonly known: StreamState;
  /** Time in epoch milliseconds at which the reader gives up. */
  readonly untilMs: number;
}

/** Waits until a stream has more messages than a reader knows, or ended. Resolves to it; undefined when time is up. */
export type WaitForNews = (waiting: Waiting) => Promise<News>;

/** The stream as it is now; `missing` when it no longer exists; `nothing` when time is up. */
type News = StreamState | 'missing' | 'nothing';

/** The dependencies of waiting. */
export interface NewsDeps {
  /** Reads a topic's head, by the cheaper read. */
  readonly look: (topic: string) => Promise<StreamState | undefined>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

interface Reader {
  readonly waiting: Waiting;
  readonly done: (news: News) => void;
  readonly fail: (error: unknown) => void;
}

/** Creates the waiting of one process: a topic is looked at once in an interval, for all of its readers together. */
export function createNews(deps: NewsDeps): WaitForNews {
  const readers = new Map<string, Set<Reader>>();
  return (waiting) =>
    new Promise((done, fail) => {
      const present = readers.get(waiting.topic);
      const all = present ?? new Set<Reader>();
      all.add({ waiting, done, fail });
      if (present !== undefined) return;
      readers.set(waiting.topic, all);
      void watch(deps, { topic: waiting.topic, readers: all, forget: () => readers.delete(waiting.topic) });
    });
}

/** Returns the time in ms between two looks for a number of readers, each of which is worth one look a second. */
const pauseFor = (readers: number): number => Math.min(HTTP_BOUNDS.LOOK_MS, MS_PER_SECOND / readers);

interface Watched {
  readonly topic: string;
  readonly readers: Set<Reader>;
  /** Ends the watch for readers to come. */
  readonly forget: () => void;
}

async function watch(deps: NewsDeps, { topic, readers, forget }: Watched): Promise<void> {
  try {
    for (let waitedMs = 0; readers.size > 0; ) {
      await deps.sleep(HTTP_BOUNDS.SHORTEST_LOOK_MS);
      waitedMs += HTTP_BOUNDS.SHORTEST_LOOK_MS;
      // Readers come together after a message: how many they are shows after a pause only.
      if (waitedMs < pauseFor(readers.size)) continue;
      waitedMs = 0;
      const state = await deps.look(topic);
      for (const reader of readers) settle(reader, state, { deps, readers });
    }
  } catch (error) {
    for (const reader of readers) reader.fail(error);
    readers.clear();
  } finally {
    // In the same turn as the last reader: one that comes a moment later would wait for a watch that has ended.
    forget();
  }
}

interface Watch {
  readonly deps: NewsDeps;
  readonly readers: Set<Reader>;
}

function settle(reader: Reader, state: StreamState | undefined, { deps, readers }: Watch): void {
  const { known, untilMs } = reader.waiting;
  const news = newsFor(known, state);
  if (news === undefined && deps.now() < untilMs) return;
  readers.delete(reader);
  reader.done(news ?? 'nothing');
}

function newsFor(known: StreamState, state: StreamState | undefined): StreamState | 'missing' | undefined {
  // A cheap read may be older than what the reader knows already.
  if (state === undefined || state.life !== known.life) return 'missing';
  const isNew = state.seq > known.seq || (state.isClosed && !known.isClosed) || (state.isGone && !known.isGone);
  return isNew ? state : undefined;
}
