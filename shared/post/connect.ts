import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CONNECT_TIMEOUT_MS } from './post.ts';

/** Receives a socket that is connected, or the error for which it is not. */
type OnConnected = (socket: Socket, error?: Error) => void;

/** Opens one connection. */
export type Connect = (onConnected: OnConnected) => void;

/**
 * Returns a function that opens connections to one endpoint. Each is connected, or has failed, within
 * CONNECT_TIMEOUT_MS. A connected socket does not keep the process alive; the post that waits for an answer does.
 */
export function createConnect({ protocol, hostname, port }: URL): Connect {
  const isTls = protocol === 'https:';
  const to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (isTls ? 443 : 80) };
  // `tls.connect` sends no server name by itself, and API Gateway's endpoint has a certificate for each of many names.
  const servername = isIP(to.host) === 0 ? to.host : '';
  let session: Buffer | undefined;
  const start = (): Socket => {
    if (!isTls) return connect({ ...to, noDelay: true });
    const socket = connectTls({ ...to, servername, ALPNProtocols: ['http/1.1'], session });
    // A resumed session saves the next connection a full handshake.
    return socket.setNoDelay(true).on('session', (latest: Buffer) => {
      session = latest;
    });
  };
  return (onConnected) => untilConnected(start(), isTls ? 'secureConnect' : 'connect', onConnected);
}

function untilConnected(socket: Socket, connected: 'connect' | 'secureConnect', onConnected: OnConnected): void {
  let isSettled = false;
  const settle = (error?: Error): void => {
    if (isSettled) return;
    isSettled = true;
    clearTimeout(timer);
    if (error === undefined) return onConnected(socket.removeListener('error', settle).unref());
    socket.destroy();
    onConnected(socket, error);
  };
  // After a process stood still, its timers fire first: one more turn lets a connection that is there be seen.
  const timer = setTimeout(() => setImmediate(() => settle(tooLate())), CONNECT_TIMEOUT_MS);
  socket.on('error', settle).once(connected, () => settle());
}

const tooLate = (): Error => new Error(`The callback endpoint took no connection within ${CONNECT_TIMEOUT_MS} ms.`);
