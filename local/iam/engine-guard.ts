import { createServer, type Server, connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { listen } from '../ports.ts';
import { type AnswerInstead, guardRequests, type OnAnswered } from './guard-requests.ts';
import { type WrittenTables, writtenTables } from './written-tables.ts';

/** A guard in front of an engine. */
export interface EngineGuard {
  /** The address that functions are given. */
  readonly endpoint: string;
  /** Calls a listener with the tables of each write, as soon as the engine has answered it. */
  readonly onWritten: (listener: (tables: WrittenTables) => void) => void;
  close(): Promise<void>;
}

/**
 * Starts a guard in front of an engine. Requests that pass go on byte by byte, over one connection to the engine for
 * each of the guard's own, and answers come back unread: a second HTTP server would cost several times as much.
 */
export async function startEngineGuard(engineEndpoint: string, answerInstead: AnswerInstead): Promise<EngineGuard> {
  const url = new URL(engineEndpoint);
  const sockets = new Set<Socket>();
  const listeners: ((tables: WrittenTables) => void)[] = [];
  const onAnswered: OnAnswered = (request) => {
    const tables = writtenTables(request);
    if (tables.length > 0) for (const listener of listeners) listener(tables);
  };
  const server = createServer({ noDelay: true }, (client) => {
    const engine = connectTo(url);
    for (const socket of [client, engine]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    joinSockets(client, engine);
    guardRequests({ client, engine, answerInstead, onAnswered });
  });
  const port = await listen(server, 0);
  return {
    endpoint: `http://127.0.0.1:${port}${url.pathname.replace(/\/$/, '')}`,
    onWritten: (listener) => void listeners.push(listener),
    close: () => close(server, sockets),
  };
}

function connectTo({ protocol, hostname, port }: URL): Socket {
  if (protocol === 'https:')
    return connectSecurely({ host: hostname, port: Number(port || 443), servername: hostname });
  return connect({ host: hostname, port: Number(port || 80), noDelay: true });
}

/** Passes answers back, and ends both sockets when one ends. */
function joinSockets(client: Socket, engine: Socket): void {
  engine.on('data', (chunk) => {
    if (!client.write(chunk)) engine.pause();
  });
  client.on('drain', () => engine.resume());
  endTogether(client, engine);
  endTogether(engine, client);
}

function endTogether(socket: Socket, other: Socket): void {
  socket.on('end', () => other.end());
  // A broken connection is for the caller's SDK to repeat, as on AWS.
  socket.on('error', () => other.destroy());
  socket.on('close', () => other.destroy());
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}
