const STORAGE_KEY = 'distributary.topics';

/** The topics of a page that is opened for the first time. */
const FIRST_TOPICS: readonly string[] = ['everyone'];

/** The number of topics that are remembered. Well below the 100 of a connection. */
const MOST = 50;

/** Returns the topics that this browser was subscribed to last. */
export function rememberedTopics(): readonly string[] {
  try {
    const topics: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? 'null');
    return Array.isArray(topics) ? topics.filter(isText).slice(0, MOST) : FIRST_TOPICS;
  } catch {
    // Storage is forbidden or holds something else. The page works without it.
    return FIRST_TOPICS;
  }
}

/** Stores the topics for the next visit. */
export function rememberTopics(topics: readonly string[]): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(topics.slice(0, MOST)));
  } catch {
    // Storage is forbidden or full. The page works without it.
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
