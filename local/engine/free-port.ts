import { once } from 'node:events';
import { createServer } from 'node:net';

/** A free port that is kept from other processes. */
export interface HeldPort {
  readonly port: number;
  /** Releases the port. Any process may take it from then on, so it must be used immediately. */
  readonly release: () => Promise<void>;
}

/** Returns a port that was free a moment ago. Another process may have taken it before it is used. */
export async function freePort(): Promise<number> {
  const { port, release } = await holdPort();
  await release();
  return port;
}

/** Returns a free port that is kept from others until it is released. */
export async function holdPort(): Promise<HeldPort> {
  // A client that connects in the meantime must not delay the release.
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  const release = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  return { port: address.port, release };
}
