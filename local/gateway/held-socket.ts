import type { Duplex } from 'node:stream';

/** A socket between its upgrade request and the answer to it. */
export interface HeldSocket {
  readonly isGone: () => boolean;
  /** Lets go of the socket, paused, and returns what the client sent too early. */
  readonly release: () => Buffer;
}

/**
 * Reads a waiting socket, since a socket that is not read does not tell that its client left. A client should send
 * nothing yet; what it sends all the same is kept up to a bound, past which it is cut off.
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
