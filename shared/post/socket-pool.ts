import { type Connect, createConnect } from './connect.ts';
import { createIdleSockets, type IdleSockets } from './idle-sockets.ts';
import { HttpSocket, type SocketOwner } from './http-socket.ts';
import { LATE_POSTS, POST_CONCURRENCY } from './post.ts';

/** A request that waits for a socket. Exactly one of its methods is called, once, unless it leaves. */
export interface SocketWaiter {
  /** Receives a socket; immediately if one was free. */
  readonly onSocket: (socket: HttpSocket) => void;
  /** Receives the error for which no socket could be opened. */
  readonly onNoSocket: (error: Error) => void;
}

/** A source of sockets. */
export interface SocketSource {
  readonly take: (waiter: SocketWaiter) => void;
  /** Removes a waiter that waits no longer. */
  readonly leave: (waiter: SocketWaiter) => void;
}

/** The dependencies of the pool. */
export interface SocketPoolDeps {
  readonly callbackUrl: string;
  readonly now: () => number;
}

const SOCKETS = POST_CONCURRENCY + LATE_POSTS;

/**
 * A pool of kept-alive connections to one endpoint, opened on demand: as many as there may be posts and late posts at
 * once.
 */
export class SocketPool implements SocketSource {
  readonly #connect: Connect;
  readonly #idle: IdleSockets;
  readonly #usual = createQueue();
  readonly #anew = createQueue();
  #open = 0;
  /**
   * The source for a retry after a kept-alive connection broke: new connections, which have carried nothing yet, unless
   * the pool is full.
   */
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

  constructor({ callbackUrl, now }: SocketPoolDeps) {
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
      if (error === undefined) return this.#welcome(new HttpSocket(socket, this.#owner), queue);
      first(queue)?.onNoSocket(error);
      this.#openWhatIsNeeded();
    });
  }

  #welcome(socket: HttpSocket, queue: Queue): void {
    this.#open++;
    const waiter = first(queue);
    if (waiter === undefined) this.#owner.onFree(socket);
    else waiter.onSocket(socket);
  }
}

/** The requests that wait for a connection, and the number of connections that are being opened for them. */
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
 * Returns a function that settles all sockets with an answer together, at the end of a turn of the event loop: their
 * next requests are then written in one go, which costs a fifth less. A close that followed an answer is nearly always
 * known by then, too.
 */
function settleTogether(): (socket: HttpSocket) => void {
  let answered: HttpSocket[] = [];
  const settleAll = (): void => {
    const sockets = answered;
    answered = [];
    for (const socket of sockets) socket.settle();
  };
  return (socket) => {
    if (answered.push(socket) === 1) setImmediate(settleAll);
  };
}
