import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { createServer, type Server as TlsServer } from 'node:tls';
import type { Certificate } from '../certificate.ts';

/** The first byte of a TLS connection: a handshake record. No HTTP request begins with it. */
const HANDSHAKE = 0x16;

/** The options of TLS on a server's port. */
export interface TlsPortOptions {
  readonly certificate: Certificate;
  /** Deadline in ms of a handshake. Past it the socket is destroyed. */
  readonly handshakeMs: number;
}

/** The TLS side of a port. */
export interface TlsPort {
  /** Destroys the sockets whose handshake is not over, and those that have sent nothing. */
  readonly destroyAll: () => void;
}

/**
 * Serves HTTP and HTTPS on one port: the first byte of a connection tells which. A TLS connection reaches the HTTP
 * server when its handshake is over.
 */
export function openTlsPort(server: Server, options: TlsPortOptions): TlsPort {
  const undecided = new Set<Duplex>();
  const takers = server.listeners('connection');
  server.removeAllListeners('connection');
  const take = (socket: Duplex): void => {
    for (const taker of takers) Reflect.apply(taker, server, [socket]);
  };
  let tls: TlsServer | undefined;
  server.on('connection', (socket: Duplex) => {
    const forget = (): void => void undecided.delete(socket);
    undecided.add(socket);
    socket.once('close', forget);
    whenReadable(socket, options.handshakeMs, (first) => {
      if (first === HANDSHAKE) {
        // Created for the first such connection: most applications never need it.
        tls ??= createTlsServer(options, take);
        // The first bytes stay where TLS looks for them.
        socket.pause();
        tls.emit('connection', socket);
      } else {
        forget();
        take(socket);
      }
    });
  });
  return {
    destroyAll: () => {
      for (const socket of undecided) socket.destroy();
    },
  };
}

function createTlsServer({ certificate, handshakeMs }: TlsPortOptions, take: (socket: Duplex) => void): TlsServer {
  // Its own certificate as the only authority, because Node would otherwise read the list of all.
  const options = { ...certificate, ca: certificate.cert, ALPNProtocols: ['http/1.1'], handshakeTimeout: handshakeMs };
  const server = createServer(options, take);
  // A client that does not trust the certificate, or speaks no TLS: there is nobody to answer.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

/** Calls `done` with the first byte of a socket, which stays in the socket. */
function whenReadable(socket: Duplex, deadlineMs: number, done: (first: number | undefined) => void): void {
  const isRead = (): boolean => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return false;
    socket.unshift(chunk);
    done(chunk[0]);
    return true;
  };
  // A fast path has read the first bytes already, and has put them back.
  if (isRead()) return;
  const destroy = (): void => void socket.destroy();
  const stop = (): void => {
    clearTimeout(deadline);
    socket.off('readable', look).off('error', destroy).off('close', stop);
  };
  const look = (): void => {
    if (socket.readableLength > 0) stop();
    isRead();
  };
  const deadline = setTimeout(destroy, deadlineMs).unref();
  socket.on('readable', look).on('error', destroy).on('close', stop);
}
