import type { HttpSocket } from './http-socket.ts';

/** Time in ms after which a kept-alive socket that carried no request is closed. */
export const SOCKET_IDLE_MS = 20_000;

/** The kept-alive connections that carry no request at present. */
export interface IdleSockets {
  readonly put: (socket: HttpSocket) => void;
  /** Takes the socket that was used last, so that sockets that are not needed grow old. */
  readonly take: () => HttpSocket | undefined;
  readonly remove: (socket: HttpSocket) => void;
}

interface Idle {
  readonly socket: HttpSocket;
  readonly sinceMs: number;
}

/**
 * Creates the set. Sockets that are idle for SOCKET_IDLE_MS are closed, by one timer that does not keep the process
 * alive.
 */
export function createIdleSockets(now: () => number): IdleSockets {
  /** The idle sockets, the oldest first. */
  let idle: Idle[] = [];
  let timer: NodeJS.Timeout | undefined;
  const isStale = ({ sinceMs }: Idle): boolean => now() - sinceMs >= SOCKET_IDLE_MS;
  const sweep = (): void => {
    timer = undefined;
    for (const { socket } of idle.filter(isStale)) socket.destroy();
    sweepLater();
  };
  const sweepLater = (): void => {
    const [oldest] = idle;
    if (timer !== undefined || oldest === undefined) return;
    const leftMs = oldest.sinceMs + SOCKET_IDLE_MS - now();
    // A clock that was set back must not keep a socket for ever.
    timer = setTimeout(sweep, Math.min(SOCKET_IDLE_MS, Math.max(1, leftMs))).unref();
  };
  return {
    put: (socket) => {
      idle.push({ socket, sinceMs: now() });
      sweepLater();
    },
    take: () => {
      let last = idle.pop();
      // A frozen Lambda's timers did not fire: the other side has closed the socket, unnoticed by this process.
      while (last !== undefined && isStale(last)) {
        last.socket.destroy();
        last = idle.pop();
      }
      return last?.socket;
    },
    remove: (socket) => {
      idle = idle.filter((each) => each.socket !== socket);
    },
  };
}
