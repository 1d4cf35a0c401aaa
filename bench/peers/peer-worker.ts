import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { serve } from '../processes/serve.ts';

/** A server that sends each received message to all connected clients. */
export type PeerName = 'ws, frame encoded once' | 'ws' | 'socket.io' | 'aedes';

const OPENERS: Readonly<Record<PeerName, (server: Server) => Promise<void>>> = {
  'ws, frame encoded once': openWsOnce,
  ws: openWs,
  'socket.io': openSocketIo,
  aedes: openAedes,
};

const commands = {
  /** Starts the server. Resolves to its port. */
  listen: async ({ name }: { name: PeerName }): Promise<number> => {
    const server = createHttpServer();
    await OPENERS[name](server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  },
};

/** The commands of this worker. */
export type PeerCommands = typeof commands;

serve(commands);

async function openWs(server: Server): Promise<void> {
  const { WebSocketServer } = await import('ws');
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      for (const client of sockets.clients) client.send(data, { binary: false });
    });
  });
}

/**
 * Starts a server with the maximum that Node can do: the frame's bytes are built once and written to each socket
 * unchanged.
 */
async function openWsOnce(server: Server): Promise<void> {
  const { WebSocketServer } = await import('ws');
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  const raw = new Set<Duplex>();
  sockets.on('connection', (socket, request) => {
    raw.add(request.socket);
    socket.on('close', () => raw.delete(request.socket));
    socket.on('message', (data: Buffer) => {
      const frame = textFrame(data);
      for (const each of raw) each.write(frame);
    });
  });
}

const TEXT_AND_FINAL = 0x81;
const LENGTH_IN_16_BITS = 126;

function textFrame(data: Buffer): Buffer {
  const head =
    data.length < LENGTH_IN_16_BITS ? [data.length] : [LENGTH_IN_16_BITS, data.length >> 8, data.length & 0xff];
  return Buffer.concat([Buffer.from([TEXT_AND_FINAL, ...head]), data]);
}

async function openSocketIo(server: Server): Promise<void> {
  const { Server: SocketIo } = await import('socket.io');
  const io = new SocketIo(server, { transports: ['websocket'], perMessageDeflate: false });
  io.on('connection', (socket) => {
    socket.on('publish', (data: unknown) => io.emit('message', data));
    socket.on('join', (room: string, acknowledge: () => void) => {
      void socket.join(room);
      acknowledge();
    });
  });
}

async function openAedes(server: Server): Promise<void> {
  const [{ Aedes }, { WebSocketServer, createWebSocketStream }] = await Promise.all([import('aedes'), import('ws')]);
  const broker = await Aedes.createBroker();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket, request) => {
    broker.handle(createWebSocketStream(socket), request);
  });
}
