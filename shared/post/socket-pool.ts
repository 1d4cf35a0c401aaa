import { FANOUT_BOUNDS } from '../fanout/bounds.ts';
import { type Connect, createConnect } from './connect.ts';
import { createIdleSockets, type IdleSockets } from './idle-sockets.ts';
import { CallbackSocket, type SocketOwner } from './http-socket.ts';

/** Who waits for a socket. Exactly one of these is called, once, unless it leaves. */
export interface SocketWaiter {
  /** At once if one was free. */
  readonly onSocket: (socket: CallbackSocket) => void;
  /** None could be opened. */
  readonly onNoSocket: (error: Error) => void;
}

export interface SocketSource {
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
export class CallbackPool implements SocketSource {
  readonly #connect: Connect;
  readonly #idle: IdleSockets;
  readonly #usual = createQueue();
  readonly #anew = createQueue();
  #open = 0;
  /** For whom a kept-alive connection has broken: one that has carried nothing yet, unless no more may be opened. */
  readonly anew: SocketSource = {
    take: (waiter) => this.#await(this.#anew, waiter),
    leave: (waiter) => void this.#anew.waiting.delete(waiter),
  };
  readonly #owner: SocketOwner = {
    onAnswered: settleTogether(),
    onFree: (socket) => {
      const waiter = (isShort(this.#anew) ? first(this.#anew) : undefined) ?? first(this.#usual);
      if (waiter === undefined) this.#idle.put(socket);
      else waiter.onSocket(socket);
    },
    onOver: (socket) => {
      this.#open--;
      this.#idle.remove(socket);
      this.#openWhatIsNeeded();
    },
  };

  constructor({ callbackUrl, now }: CallbackPoolDeps) {
    this.#connect = createConnect(new URL(callbackUrl));
    this.#idle = createIdleSockets(now);
  }

  take(waiter: SocketWaiter): void {
    const socket = this.#idle.take();
    if (socket === undefined) this.#await(this.#usual, waiter);
    else waiter.onSocket(socket);
  }

  leave(waiter: SocketWaiter): void {
    this.#usual.waiting.delete(waiter);
  }

  #await(queue: Queue, waiter: SocketWaiter): void {
    queue.waiting.add(waiter);
    this.#openWhatIsNeeded();
    const socket = isShort(queue) ? this.#idle.take() : undefined;
    if (socket !== undefined) first(queue)?.onSocket(socket);
  }

  #openWhatIsNeeded(): void {
    for (const queue of [this.#anew, this.#usual]) {
      while (isShort(queue) && this.#anew.opening + this.#usual.opening + this.#open < SOCKETS) this.#openFor(queue);
    }
  }

  #openFor(queue: Queue): void {
    queue.opening++;
    this.#connect((socket, error) => {
      queue.opening--;
      if (error === undefined) return this.#welcome(new CallbackSocket(socket, this.#owner), queue);
      first(queue)?.onNoSocket(error);
      this.#openWhatIsNeeded();
    });
  }

  #welcome(socket: CallbackSocket, queue: Queue): void {
    this.#open++;
    const waiter = first(queue);
    if (waiter === undefined) this.#owner.onFree(socket);
    else waiter.onSocket(socket);
  }
}

/** Those who wait for a connection, and how many are being opened for them. */
interface Queue {
  readonly waiting: Set<SocketWaiter>;
  opening: number;
}

const createQueue = (): Queue => ({ waiting: new Set(), opening: 0 });

const isShort = ({ waiting, opening }: Queue): boolean => waiting.size > opening;

function first({ waiting }: Queue): SocketWaiter | undefined {
  const [waiter] = waiting;
  if (waiter !== undefined) waiting.delete(waiter);
  return waiter;
}

/**
 * Settles sockets at the end of a turn of the event loop, all that have an answer by then together: what they carry next is
 * written in one go, and costs a fifth less. An end that came with an answer is nearly always known by then, too.
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
