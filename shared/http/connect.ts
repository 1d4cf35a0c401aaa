import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Receives a socket that is connected, or the error for which it is not. */
type OnConnected = (socket: Socket, error?: Error) => void;

/** Opens one connection. */
export type Connect = (onConnected: OnConnected) => void;

/**
 * Returns a function that opens connections to one endpoint. Each is connected, or has failed, within `timeoutMs`. A
 * connected socket does not keep the process alive; the request that waits for an answer does.
 */
export function createConnect({ protocol, hostname, port }: URL, timeoutMs: number): Connect {
  const isTls = protocol === 'https:';
  const to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (isTls ? 443 : 80) };
  // `tls.connect` sends no server name by itself, and AWS's endpoints have a certificate for each of many names.
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
  const connected = isTls ? 'secureConnect' : 'connect';
  return (onConnected) => untilConnected(start(), { connected, timeoutMs }, onConnected);
}

interface Connecting {
  /** The event of a socket that is connected. */
  readonly connected: 'connect' | 'secureConnect';
  readonly timeoutMs: number;
}

function untilConnected(socket: Socket, { connected, timeoutMs }: Connecting, onConnected: OnConnected): void {
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
  const timer = setTimeout(() => setImmediate(() => settle(tooLate(timeoutMs))), timeoutMs);
  socket.on('error', settle).once(connected, () => settle());
}

const tooLate = (timeoutMs: number): Error =>
  Object.assign(new Error(`The endpoint took no connection within ${timeoutMs} ms.`), { code: 'ETIMEDOUT' });
