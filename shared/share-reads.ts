/** Reads the value of a key. */
type Read<V> = (key: string) => Promise<V>;

/** The reads of one key: the one that runs, and the one that begins after it for all that came meanwhile. */
interface Reads<V> {
  readonly running: Promise<V>;
  next?: Promise<V>;
}

/**
 * Returns a read that calls for one key share. Each call has the answer of a read that began after it, with what was
 * written before the call. The first of several calls has a read of its own, all others share the next one. A read that
 * fails fails for those who share it.
 */
export function shareReads<V>(read: Read<V>): Read<V> {
  const reads = new Map<string, Reads<V>>();
  const begin: Read<V> = (key) => {
    const running = read(key).finally(() => {
      if (reads.get(key)?.next === undefined) reads.delete(key);
    });
    reads.set(key, { running });
    return running;
  };
  return (key) => {
    const present = reads.get(key);
    if (present === undefined) return begin(key);
    present.next ??= present.running.then(
      () => begin(key),
      () => begin(key),
    );
    return present.next;
  };
}
