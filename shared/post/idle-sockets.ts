import { FANOUT_BOUNDS } from '../fanout/bounds.ts';
import type { CallbackSocket } from './http-socket.ts';

/** Connections that nobody uses just now. */
export interface IdleSockets {
  readonly put: (socket: CallbackSocket) => void;
  /** The one that was used last, so that those that are not needed grow old. */
  readonly take: () => CallbackSocket | undefined;
  readonly remove: (socket: CallbackSocket) => void;
}

interface Idle {
  readonly socket: CallbackSocket;
  readonly sinceMs: number;
}

/** Closes those that nobody has used for SOCKET_IDLE_MS, by one timer for all, which holds no process. */
export function createIdleSockets(now: () => number): IdleSockets {
  /** The oldest first. */
  let idle: Idle[] = [];
  let timer: NodeJS.Timeout | undefined;
  const isStale = ({ sinceMs }: Idle): boolean => now() - sinceMs >= FANOUT_BOUNDS.SOCKET_IDLE_MS;
  const sweep = (): void => {
    timer = undefined;
    for (const { socket } of idle.filter(isStale)) socket.destroy();
    sweepLater();
  };
  const sweepLater = (): void => {
    const [oldest] = idle;
    if (timer !== undefined || oldest === undefined) return;
    const leftMs = oldest.sinceMs + FANOUT_BOUNDS.SOCKET_IDLE_MS - now();
    // A clock that was put back must keep none for ever.
    timer = setTimeout(sweep, Math.min(FANOUT_BOUNDS.SOCKET_IDLE_MS, Math.max(1, leftMs))).unref();
  };
  return {
    put: (socket) => {
      idle.push({ socket, sinceMs: now() });
      sweepLater();
    },
    take: () => {
      let last = idle.pop();
      // A Lambda may have been frozen, timers and all: the other side has closed it, and nobody has heard of that yet.
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
