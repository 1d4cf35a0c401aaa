/** The tab is looked at again, or the network is back: as far as this place has such events (Node has none). */
export function browserWakeSource(wake: () => void, place: object = globalThis): () => void {
  const page: unknown = Reflect.get(place, 'document');
  const onVisible = (): void => {
    if (isTarget(page) && Reflect.get(page, 'visibilityState') === 'visible') wake();
  };
  const stops = [
    listen(page, 'visibilitychange', onVisible),
    // A page that comes back as it was when it was left.
    listen(place, 'pageshow', wake),
    listen(place, 'online', wake),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

type Target = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;

function listen(target: unknown, type: string, listener: () => void): () => void {
  if (!isTarget(target)) return () => undefined;
  target.addEventListener(type, listener);
  return () => target.removeEventListener(type, listener);
}

const isTarget = (target: unknown): target is Target =>
  typeof target === 'object' && target !== null && 'addEventListener' in target && 'removeEventListener' in target;
