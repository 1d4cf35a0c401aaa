import { once } from 'node:events';
import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A proxy such as some networks have: HTTP goes through, WebSockets only as long as the test lets them. */
export interface BlockingProxy {
  readonly port: number;
  /** The requests with frames so far. */
  readonly posts: () => number;
  /** The handshakes so far. */
  readonly handshakes: () => number;
  /** Refuses handshakes from now on, and cuts the open WebSockets. */
  readonly block: () => void;
  /** Lets WebSockets through. */
  readonly unblock: () => void;
  /** Holds each answer back until it has ended, as some proxies do. */
  readonly holdBack: () => void;
  /** Cuts every connection. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
}

/** Starts a proxy on 127.0.0.1, in front of a port there. */
export async function startBlockingProxy(targetPort: number): Promise<BlockingProxy> {
  const tunnels = new Set<Duplex>();
  const state = { isBlocked: false, holdsBack: false, posts: 0, handshakes: 0 };
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/v1/frames') === true) state.posts += 1;
    forward(targetPort, request, { response, holdsBack: state.holdsBack });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    state.handshakes += 1;
    socket.on('error', () => socket.destroy());
    if (state.isBlocked)
      return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    tunnel(targetPort, request, { socket, head, tunnels });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cutTunnels = () => tunnels.forEach((each) => each.destroy());
  return {
    port: address.port,
    posts: () => state.posts,
    handshakes: () => state.handshakes,
    block: () => {
      state.isBlocked = true;
      cutTunnels();
    },
    unblock: () => void (state.isBlocked = false),
    holdBack: () => void (state.holdsBack = true),
    cut: () => {
      cutTunnels();
      server.closeAllConnections();
    },
    close: async () => {
      cutTunnels();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Answering {
  readonly response: ServerResponse;
  readonly holdsBack: boolean;
}

function forward(port: number, request: IncomingMessage, { response, holdsBack }: Answering): void {
  const { method, url: path, headers } = request;
  const upstream = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
    if (!holdsBack) {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      return void answer.pipe(response);
    }
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.end(Buffer.concat(chunks));
    });
  });
  upstream.on('error', () => response.destroy());
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
}

interface Tunnel {
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly tunnels: Set<Duplex>;
}

function tunnel(port: number, { method, url, rawHeaders }: IncomingMessage, { socket, head, tunnels }: Tunnel): void {
  const upstream = connect({ host: '127.0.0.1', port });
  const pairs = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
  upstream.write(`${method} ${url} HTTP/1.1\r\n${pairs.join('\r\n')}\r\n\r\n`);
  upstream.write(head);
  upstream.pipe(socket);
  socket.pipe(upstream);
  for (const [one, other] of [
    [socket, upstream],
    [upstream, socket],
  ] as const) {
    tunnels.add(one);
    one.on('error', () => one.destroy());
    one.on('close', () => {
      tunnels.delete(one);
      other.destroy();
    });
  }
}
