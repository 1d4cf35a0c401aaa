/** Resolves with the first event that matches, of those that `on` tells of from now on. */
export function until<Event>(
  on: (listener: (event: Event) => void) => () => void,
  matches: (event: Event) => boolean = () => true,
): Promise<Event> {
  const { promise, resolve } = Promise.withResolvers<Event>();
  const stop = on((event) => {
    if (!matches(event)) return;
    stop();
    resolve(event);
  });
  return promise;
}
