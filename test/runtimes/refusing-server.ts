import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';

/** The ways to refuse a handshake. Platforms report each by other events. */
const REFUSALS: readonly ((socket: Duplex) => unknown)[] = [
  (socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
  (socket) => socket.destroy(),
  (socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy'),
  (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'),
  (socket) => socket.end('no HTTP at all'),
];

/** The number of handshakes that a `RefusingServer` refuses. The next one is accepted. */
export const REFUSED = REFUSALS.length;

/** A server that refuses the first handshakes, each in another way, and notes when each came. */
export class RefusingServer {
  /** Times in ms of the attempts. */
  readonly attemptsMs: number[] = [];
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #server: Server = createServer((_, response) => response.writeHead(404).end());

  async start(): Promise<string> {
    this.#server.on('upgrade', (request, socket, head) => {
      // A client that has gone must not end this process.
      socket.on('error', () => undefined);
      const refuse = REFUSALS[this.attemptsMs.length];
      this.attemptsMs.push(performance.now());
      if (refuse === undefined) this.#sockets.handleUpgrade(request, socket, head, () => undefined);
      else refuse(socket);
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `ws://127.0.0.1:${address.port}/live`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
