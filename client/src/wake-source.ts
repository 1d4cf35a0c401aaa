/** The tab is looked at again, or the network is back: as far as this place has such events (Node has none). */
export function browserWakeSource(wake: () => void, place: object = globalThis): () => void {
  const page: unknown = Reflect.get(place, 'document');
  const ended = new AbortController();
  const listen = (target: unknown, type: string, listener: () => void): void => {
    if (isTarget(target)) target.addEventListener(type, listener, { signal: ended.signal });
  };
  listen(page, 'visibilitychange', () => {
    if (isTarget(page) && Reflect.get(page, 'visibilityState') === 'visible') wake();
  });
  // A page that comes back as it was when it was left.
  listen(place, 'pageshow', wake);
  listen(place, 'online', wake);
  return () => ended.abort();
}

const isTarget = (target: unknown): target is Pick<EventTarget, 'addEventListener'> =>
  typeof target === 'object' && target !== null && 'addEventListener' in target;
