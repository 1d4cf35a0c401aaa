const TOPICS_KEY = 'distributary.topics';

const NAME_KEY = 'distributary.name';

/** The topics of a page that is opened for the first time. */
const FIRST_TOPICS: readonly string[] = ['everyone'];

/** The number of topics that are remembered. Well below the 100 of a connection. */
const MOST = 50;

/** Returns the topics that this browser was subscribed to last. */
export function rememberedTopics(): readonly string[] {
  try {
    const topics: unknown = JSON.parse(read(TOPICS_KEY) ?? 'null');
    return Array.isArray(topics) ? topics.filter(isText).slice(0, MOST) : FIRST_TOPICS;
  } catch {
    // The storage holds something else. The page works without it.
    return FIRST_TOPICS;
  }
}

/** Stores the topics for the next visit. */
export const rememberTopics = (topics: readonly string[]): void =>
  write(TOPICS_KEY, JSON.stringify(topics.slice(0, MOST)));

/** Returns the name under which this browser published last. Empty for none. */
export const rememberedName = (): string => read(NAME_KEY) ?? '';

/** Stores the name for the next visit. */
export const rememberName = (name: string): void => write(NAME_KEY, name);

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Storage is forbidden. The page works without it.
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is forbidden or full. The page works without it.
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
