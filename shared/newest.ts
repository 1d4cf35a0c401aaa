/** A map with an upper bound: setting a key makes it the newest, and past the bound the oldest key is forgotten. */
export interface Newest<Key, Value> {
  readonly get: (key: Key) => Value | undefined;
  readonly set: (key: Key, value: Value) => void;
  readonly delete: (key: Key) => void;
}

/** Creates a map of at most `most` entries: the memory of a warm Lambda, which nothing else would ever empty. */
export function createNewest<Key, Value>(most: number): Newest<Key, Value> {
  const entries = new Map<Key, Value>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size <= most) return;
      for (const oldest of entries.keys()) return void entries.delete(oldest);
    },
    delete: (key) => void entries.delete(key),
  };
}
