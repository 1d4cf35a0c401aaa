import { FANOUT_BOUNDS } from './bounds.ts';
import { createConnect } from './callback-connect.ts';
import { createIdleSockets } from './callback-idle.ts';
import { CallbackSocket } from './callback-socket.ts';

/** Who waits for a socket. Exactly one of these is called, once, unless it leaves. */
export interface SocketWaiter {
  /** At once if one was free. */
  readonly onSocket: (socket: CallbackSocket) => void;
  /** None could be opened. */
  readonly onNoSocket: (error: Error) => void;
}

export interface CallbackPool {
  readonly take: (waiter: SocketWaiter) => void;
  /** It waits no longer. */
  readonly leave: (waiter: SocketWaiter) => void;
}

export interface CallbackPoolDeps {
  readonly callbackUrl: string;
  readonly now: () => number;
}

const SOCKETS = FANOUT_BOUNDS.POST_CONCURRENCY + FANOUT_BOUNDS.LATE_POSTS;

/** Kept-alive connections to one endpoint, opened as they are needed: as many as posts and late posts may be at once. */
export function createCallbackPool({ callbackUrl, now }: CallbackPoolDeps): CallbackPool {
  const connect = createConnect(new URL(callbackUrl));
  const idle = createIdleSockets(now);
  const waiting = new Set<SocketWaiter>();
  const count = { opening: 0, open: 0 };
  const owner = {
    onAnswered: settleTogether(),
    onFree: (socket: CallbackSocket): void => {
      const waiter = first(waiting);
      if (waiter === undefined) idle.put(socket);
      else waiter.onSocket(socket);
    },
    onOver: (socket: CallbackSocket): void => {
      count.open--;
      idle.remove(socket);
      openWhatIsNeeded();
    },
  };
  const openWhatIsNeeded = (): void => {
    while (count.opening < waiting.size && count.opening + count.open < SOCKETS) openOne();
  };
  const openOne = (): void => {
    count.opening++;
    connect((socket, error) => {
      count.opening--;
      if (error === undefined) {
        count.open++;
        return owner.onFree(new CallbackSocket(socket, owner));
      }
      first(waiting)?.onNoSocket(error);
      openWhatIsNeeded();
    });
  };
  return {
    take: (waiter) => {
      const socket = idle.take();
      if (socket !== undefined) return waiter.onSocket(socket);
      waiting.add(waiter);
      openWhatIsNeeded();
    },
    leave: (waiter) => void waiting.delete(waiter),
  };
}

function first(waiting: Set<SocketWaiter>): SocketWaiter | undefined {
  const [waiter] = waiting;
  if (waiter !== undefined) waiting.delete(waiter);
  return waiter;
}

/**
 * Settles sockets at the end of a turn of the event loop, all that have an answer by then together: an endpoint may close a
 * connection right behind its answer, and a post that went out between the two would be lost.
 */
function settleTogether(): (socket: CallbackSocket) => void {
  let answered: CallbackSocket[] = [];
  const settleAll = (): void => {
    const sockets = answered;
    answered = [];
    for (const socket of sockets) socket.settle();
  };
  return (socket) => {
    if (answered.push(socket) === 1) setImmediate(settleAll);
  };
}
