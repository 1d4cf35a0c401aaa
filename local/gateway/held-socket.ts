import type { Duplex } from 'node:stream';

/** A socket between its upgrade request and the response. */
export interface HeldSocket {
  readonly isGone: () => boolean;
  /** Releases the paused socket, and returns the bytes that the client sent before the response. */
  readonly release: () => Buffer;
}

/**
 * Reads a socket that waits for its upgrade, because a socket that is not read does not report that its client left.
 * Early bytes are kept up to a bound; past it the socket is destroyed.
 */
export function holdSocket(socket: Duplex, head: Buffer, maxEarlyBytes: number): HeldSocket {
  const early: Buffer[] = [head];
  let earlyBytes = head.length;
  let hasLeft = false;
  const onData = (chunk: Buffer): void => {
    early.push(chunk);
    earlyBytes += chunk.length;
    if (earlyBytes > maxEarlyBytes) socket.destroy();
  };
  const onLeft = (): void => {
    hasLeft = true;
    socket.destroy();
  };
  socket.on('data', onData);
  socket.on('end', onLeft);
  socket.on('close', onLeft);
  return {
    isGone: () => hasLeft || socket.destroyed,
    release: () => {
      socket.off('data', onData);
      socket.off('end', onLeft);
      socket.off('close', onLeft);
      socket.pause();
      return Buffer.concat(early);
    },
  };
}
