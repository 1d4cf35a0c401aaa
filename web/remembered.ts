const TOPICS_KEY = 'distributary.topics';

const IDENTITY_KEY = 'distributary.identity';

const NAME_KEY = 'distributary.name';

/** The topics of a page that is opened for the first time. */
const FIRST_TOPICS: readonly string[] = ['everyone'];

/** The number of topics that are remembered. Well below the 100 of a connection. */
const MOST = 50;

/** The identity for which the page asks a token. Patterns are separated by commas. */
export interface PageIdentity {
  /** The subject of the token. */
  readonly sub: string;
  /** The topics and counters that it may follow, and whose members it may see. */
  readonly reads: string;
  /** The topics that it may publish to, and the counters that it may change. */
  readonly writes: string;
}

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

/** Returns the identity that this browser had last; undefined for none. */
export function rememberedIdentity(): PageIdentity | undefined {
  try {
    const identity: unknown = JSON.parse(read(IDENTITY_KEY) ?? 'null');
    return isIdentity(identity) ? identity : undefined;
  } catch {
    // The storage holds something else. The page works without it.
    return undefined;
  }
}

/** Stores the identity for the next visit. The token itself is never stored. */
export const rememberIdentity = (identity: PageIdentity): void => write(IDENTITY_KEY, JSON.stringify(identity));

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

const isIdentity = (value: unknown): value is PageIdentity =>
  typeof value === 'object' &&
  value !== null &&
  ['sub', 'reads', 'writes'].every((name) => isText(Reflect.get(value, name)));

const isText = (value: unknown): value is string => typeof value === 'string';
