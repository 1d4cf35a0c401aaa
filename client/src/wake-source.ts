/**
 * Calls `wake` when the tab becomes visible or the network is back, as far as `place` has such events; Node has none.
 * Returns a function that ends this.
 */
export function browserWakeSource(wake: () => void, place: object = globalThis): () => void {
  const page: unknown = Reflect.get(place, 'document');
  const ended = new AbortController();
  const listen = (target: unknown, type: string, listener: () => void): void => {
    if (isEventTarget(target)) target.addEventListener(type, listener, { signal: ended.signal });
  };
  listen(page, 'visibilitychange', () => {
    if (Reflect.get(Object(page), 'visibilityState') === 'visible') wake();
  });
  // The page was restored from the back/forward cache.
  listen(place, 'pageshow', wake);
  listen(place, 'online', wake);
  return () => ended.abort();
}

const isEventTarget = (target: unknown): target is Pick<EventTarget, 'addEventListener'> =>
  typeof target === 'object' && target !== null && 'addEventListener' in target;
