const STORAGE_KEY = 'distributary.topics';

/** A page that is opened the first time shows the topic that everybody is on. */
const FIRST_TOPICS: readonly string[] = ['everyone'];

/** Topics remembered at most: far fewer than a connection may have. */
const MOST = 50;

/** The topics that this browser was subscribed to last. */
export function rememberedTopics(): readonly string[] {
  try {
    const topics: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? 'null');
    return Array.isArray(topics) ? topics.filter(isText).slice(0, MOST) : FIRST_TOPICS;
  } catch {
    // Storage is forbidden or holds something else: a page without a memory works as well.
    return FIRST_TOPICS;
  }
}

/** Keeps the topics for the next visit. */
export function rememberTopics(topics: readonly string[]): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(topics.slice(0, MOST)));
  } catch {
    // As above.
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
