/** Long enough for the server's first connection, when nothing is warm yet. */
const OPEN_TIMEOUT_MS = 15_000;

/** Whether a server at `url` accepts a connection. */
export function isReachable(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = openSocket(`${url}${url.includes('?') ? '&' : '?'}topics=`);
  if (socket === undefined) return Promise.resolve(false);
  const timer = setTimeout(() => resolve(false), OPEN_TIMEOUT_MS);
  socket.addEventListener('open', () => resolve(true));
  socket.addEventListener('error', () => resolve(false));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

/** Undefined when the URL is none of a WebSocket. */
function openSocket(url: string): WebSocket | undefined {
  try {
    return new WebSocket(url);
  } catch {
    return undefined;
  }
}
