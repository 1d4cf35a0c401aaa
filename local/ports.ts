import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { RuntimeSetupError } from './model.ts';

/** The address that the runtime listens on. */
export const LOOPBACK = '127.0.0.1';

/**
 * Listens on the loopback interface only, and returns the port. Throws RuntimeSetupError for a port that is in use or
 * not permitted.
 */
export async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw setupError(error, port) ?? error;
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Throws RuntimeSetupError unless the port is available now. For a check before anything is built. */
export async function checkPort(port: number): Promise<void> {
  const server = createServer();
  await listen(server, port);
  server.close();
  await once(server, 'close');
}

function setupError(error: unknown, port: number): RuntimeSetupError | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const cause = { cause: error };
  if (code === 'EADDRINUSE') {
    return new RuntimeSetupError(
      `Port ${port} is in use; choose another, by PORT=${nextPort(port)} or --port ${nextPort(port)}`,
      cause,
    );
  }
  if (code === 'EACCES') {
    return new RuntimeSetupError(`Port ${port} is not permitted; choose another, by PORT=4000 or --port 4000`, cause);
  }
  return undefined;
}

function nextPort(port: number): number {
  return port < 65_535 ? port + 1 : port - 1;
}

/** A free port that is kept from other processes. */
export interface HeldPort {
  readonly port: number;
  /** Releases the port. Any process may take it from then on, so it must be used immediately. */
  readonly release: () => Promise<void>;
}

/**
 * Returns a random address of the loopback network 127.0.0.0/8. On Linux every one of its 16 million addresses leads to
 * this machine: a server on one of them is hidden from web pages, which could try all ports of 127.0.0.1.
 */
export const hiddenAddress = (): string => ['127', randomInt(1, 256), randomInt(0, 256), randomInt(1, 255)].join('.');

/** Returns a port of an address that was free a moment ago. Another process may have taken it before it is used. */
export async function freePort(address = LOOPBACK): Promise<number> {
  const { port, release } = await holdPort(address);
  await release();
  return port;
}

/** Returns a free port of an address, kept from others until it is released. */
export async function holdPort(address = LOOPBACK): Promise<HeldPort> {
  // A client that connects in the meantime must not delay the release.
  const server = createServer((socket) => socket.destroy()).listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has no port');
  const release = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  return { port: bound.port, release };
}
