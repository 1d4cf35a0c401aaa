import { WebSocket } from 'ws';
import { runBounded } from '../../shared/run-bounded.ts';
import { monotonicMs } from '../harness/clock.ts';
import { serve } from '../processes/serve.ts';

const MS_PER_SECOND = 1_000;

/** The way of a client until it is connected: by a WebSocket, up to `subscribed`, or by socket.io, up to the acks. */
export type ConnectKind = 'wire' | 'socket.io';

interface ConnectLoad {
  readonly kind: ConnectKind;
  readonly url: string;
  /** The topics, or rooms, of each connection, which no other has. */
  readonly topics: number;
  /** The subprotocols of each handshake, with the token where the stack asks for one. */
  readonly protocols: readonly string[];
  readonly count: number;
  readonly inFlight: number;
}

type ConnectOne = (target: ConnectLoad, topics: readonly string[]) => Promise<void>;

const KINDS: Readonly<Record<ConnectKind, ConnectOne>> = { wire: connectOne, 'socket.io': connectSocketIo };

/** The number of connections so far. They stay open, so that no end of a connection falls into a measurement. */
let connections = 0;

const commands = {
  /**
   * Opens `count` connections, each up to the answer for all its topics. Resolves to the connections a second.
   */
  connect: async (load: ConnectLoad): Promise<number> => {
    const { kind, count, inFlight } = load;
    const beganMs = monotonicMs();
    await runBounded(Array.from({ length: count }), inFlight, () => KINDS[kind](load, newTopics(load)));
    return (count * MS_PER_SECOND) / (monotonicMs() - beganMs);
  },
};

/** The commands of this worker. */
export type ConnectCommands = typeof commands;

serve(commands);

function newTopics({ topics }: ConnectLoad): string[] {
  connections++;
  return Array.from({ length: topics }, (_, topic) => `connect-${connections}-${topic}`);
}

async function connectOne({ url, protocols }: ConnectLoad, topics: readonly string[]): Promise<void> {
  const socket = new WebSocket(`${url}?topics=${topics.join()}`, [...protocols], { perMessageDeflate: false });
  await untilSubscribed(socket, topics.length);
  // A socket that breaks later changes no figure.
  socket.on('error', () => undefined);
}

function untilSubscribed(socket: WebSocket, topics: number): Promise<void> {
  let missing = topics;
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('message', (data: Buffer) => {
      const text = String(data);
      if (!text.startsWith('{"type":"subscribed"')) return reject(new Error(text));
      missing--;
      if (missing === 0) resolve();
    });
  });
}

async function connectSocketIo({ url }: ConnectLoad, rooms: readonly string[]): Promise<void> {
  const { io } = await import('socket.io-client');
  const socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  await Promise.all(rooms.map((room) => socket.emitWithAck('join', room)));
}
