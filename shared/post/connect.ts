import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { FANOUT_BOUNDS } from '../fanout/bounds.ts';

/** A connection, or why there is none. */
type OnConnected = (socket: Socket, error?: Error) => void;

export type Connect = (onConnected: OnConnected) => void;

/**
 * Opens connections to one endpoint; each is there, or has failed, within CONNECT_TIMEOUT_MS. What is connected holds no
 * process: whoever waits for an answer does.
 */
export function createConnect({ protocol, hostname, port }: URL): Connect {
  const isTls = protocol === 'https:';
  const to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (isTls ? 443 : 80) };
  // `tls.connect` sends no name by itself, and an endpoint of many names has a certificate for each.
  const servername = isIP(to.host) === 0 ? to.host : '';
  let session: Buffer | undefined;
  const start = (): Socket => {
    if (!isTls) return connect({ ...to, noDelay: true });
    const socket = connectTls({ ...to, servername, ALPNProtocols: ['http/1.1'], session });
    // With it the next connection needs no whole handshake.
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
  // A process that stood still sees its timers first, though the connection may be there.
  const timer = setTimeout(() => setImmediate(() => settle(tooLate())), FANOUT_BOUNDS.CONNECT_TIMEOUT_MS);
  socket.on('error', settle).once(connected, () => settle());
}

const tooLate = (): Error =>
  new Error(`The callback endpoint took no connection within ${FANOUT_BOUNDS.CONNECT_TIMEOUT_MS} ms.`);
