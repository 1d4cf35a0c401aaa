type Frame = Readonly<Record<string, unknown>>;

/** A plain WebSocket with JSON frames, for the tutorials about the wire itself. */
export interface RawSocket {
  send(frame: Frame | string): void;
  onFrame(listener: (frame: Frame) => void): void;
  onText(listener: (text: string) => void): void;
  close(): void;
  /** Aborted when the connection has ended. */
  readonly closed: AbortSignal;
}

/** Opens a socket. Resolves when it is open. */
export async function openRawSocket(url: string): Promise<RawSocket> {
  const socket = new WebSocket(url);
  const ended = new AbortController();
  socket.addEventListener('close', () => ended.abort());
  const onText = (listener: (text: string) => void): void =>
    socket.addEventListener('message', ({ data }) => listener(String(data)));
  await opened(socket);
  return {
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    onText,
    onFrame: (listener) => onText((text) => listener(JSON.parse(text))),
    close: () => socket.close(),
    closed: ended.signal,
  };
}

function opened(socket: WebSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.addEventListener('open', () => resolve());
  socket.addEventListener('error', () => reject(new Error('The connection was refused.')));
  return promise;
}
