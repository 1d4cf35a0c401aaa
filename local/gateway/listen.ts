import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { RuntimeSetupError } from '../model.ts';

const LOOPBACK = '127.0.0.1';

/** Listens on the loopback only; a port that cannot be had is a mistake of the person at the terminal. */
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

/** Whether the port can be had now, told before anything is built for it. Throws RuntimeSetupError. */
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
    return new RuntimeSetupError(`Port ${port} is in use; choose another: PORT=${nextPort(port)} npm start`, cause);
  }
  if (code === 'EACCES') {
    return new RuntimeSetupError(`Port ${port} is not allowed to you; choose another: PORT=4000 npm start`, cause);
  }
  return undefined;
}

function nextPort(port: number): number {
  return port < 65_535 ? port + 1 : port - 1;
}
