import { once } from 'node:events';
import { WebSocket } from 'ws';
import { runBounded } from '../../shared/run-bounded.ts';
import { monotonicMs } from '../harness/clock.ts';
import { serve } from '../processes/serve.ts';

const MS_PER_SECOND = 1_000;

interface ConnectLoad {
  readonly url: string;
  /** The subprotocols of each handshake, with the token where the stack asks for one. */
  readonly protocols: readonly string[];
  readonly count: number;
  readonly inFlight: number;
}

/** The open sockets. They stay open, so that no end of a connection falls into a measurement. */
const sockets: WebSocket[] = [];

const commands = {
  /**
   * Opens `count` connections, each with one topic that no other has, up to its `subscribed`. Resolves to the
   * connections a second.
   */
  connect: async ({ count, inFlight, ...target }: ConnectLoad): Promise<number> => {
    const first = sockets.length;
    const beganMs = monotonicMs();
    await runBounded(
      Array.from({ length: count }, (_, index) => first + index),
      inFlight,
      (index) => connectOne(target, index),
    );
    return (count * MS_PER_SECOND) / (monotonicMs() - beganMs);
  },
};

/** The commands of this worker. */
export type ConnectCommands = typeof commands;

serve(commands);

async function connectOne({ url, protocols }: Pick<ConnectLoad, 'url' | 'protocols'>, index: number): Promise<void> {
  const socket = new WebSocket(`${url}?topics=connect-${index}`, [...protocols], { perMessageDeflate: false });
  sockets.push(socket);
  const [data]: Buffer[] = await once(socket, 'message');
  const text = String(data);
  if (!text.startsWith('{"type":"subscribed"')) throw new Error(text);
  // A socket that breaks later changes no figure.
  socket.on('error', () => undefined);
}
