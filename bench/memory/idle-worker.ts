import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { runBounded } from '../../shared/run-bounded.ts';
import { BENCH_BOUNDS } from '../bounds.ts';
import { serve } from '../processes/serve.ts';

/** The open connections, which stay until this process ends. */
const sockets: Socket[] = [];

const commands = {
  /** Opens connections that stay idle. They are plain sockets: `ws` for each would double this bench's time. */
  open: async ({ url, count }: { url: string; count: number }): Promise<void> => {
    const target = new URL(url);
    await runBounded(Array.from({ length: count }), BENCH_BOUNDS.CONNECTING, () => openOne(target));
  },
};

/** The commands of this worker. */
export type IdleCommands = typeof commands;

serve(commands);

function openOne({ hostname, port, pathname }: URL): Promise<void> {
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  socket.write(
    [
      `GET ${pathname} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'User-Agent: bench',
      '',
      '',
    ].join('\r\n'),
  );
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', (answer) => {
      const text = answer.toString();
      if (text.startsWith('HTTP/1.1 101 ')) resolve();
      else reject(new Error(text));
    });
  });
}
