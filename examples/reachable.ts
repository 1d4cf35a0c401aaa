/** Deadline in ms of the handshake. Long enough for the server's first connection, with cold starts. */
const OPEN_TIMEOUT_MS = 15_000;

/** Whether a server at `url` accepts a connection. */
export function isReachable(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = tryOpen(`${url}${url.includes('?') ? '&' : '?'}topics=`);
  if (socket === undefined) return Promise.resolve(false);
  const timer = setTimeout(() => resolve(false), OPEN_TIMEOUT_MS);
  socket.addEventListener('open', () => resolve(true));
  socket.addEventListener('error', () => resolve(false));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

/** Opens a socket. Returns undefined if the URL is not one of a WebSocket. */
function tryOpen(url: string): WebSocket | undefined {
  try {
    return new WebSocket(url);
  } catch {
    return undefined;
  }
}
