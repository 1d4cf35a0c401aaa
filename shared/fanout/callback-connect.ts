import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { FANOUT_BOUNDS } from './bounds.ts';

/** A connection, or why there is none. */
export type OnConnected = (socket: Socket, error?: Error) => void;

/**
 * Opens connections to one endpoint; each is there, or has failed, within CONNECT_TIMEOUT_MS. They hold no process: whoever
 * waits for one does.
 */
export function createConnect({ protocol, hostname, port }: URL): (onConnected: OnConnected) => void {
  const isTls = protocol === 'https:';
  const to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (isTls ? 443 : 80) };
  let session: Buffer | undefined;
  const start = (): Socket => {
    if (!isTls) return connect({ ...to, noDelay: true });
    const socket = connectTls({ ...to, ALPNProtocols: ['http/1.1'], session });
    // With it the next connection needs no whole handshake.
    return socket.setNoDelay(true).on('session', (latest: Buffer) => {
      session = latest;
    });
  };
  return (onConnected) => untilConnected(start().unref(), isTls ? 'secureConnect' : 'connect', onConnected);
}

function untilConnected(socket: Socket, connected: 'connect' | 'secureConnect', onConnected: OnConnected): void {
  const settle = (error?: Error): void => {
    clearTimeout(timer);
    socket.removeListener('error', settle);
    socket.removeListener(connected, succeed);
    if (error !== undefined) socket.on('error', () => undefined).destroy();
    onConnected(socket, error);
  };
  const succeed = (): void => settle();
  const timer = setTimeout(
    () => settle(new Error(`The callback endpoint took no connection within ${FANOUT_BOUNDS.CONNECT_TIMEOUT_MS} ms.`)),
    FANOUT_BOUNDS.CONNECT_TIMEOUT_MS,
  );
  socket.on('error', settle).on(connected, succeed);
}
