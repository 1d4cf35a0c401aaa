import { type Connect, createConnect } from './connect.ts';
import { createIdleSockets, type IdleSockets } from './idle-sockets.ts';
import { HttpSocket, type SocketOwner } from './http-socket.ts';

/** A request that waits for a socket. Exactly one of its methods is called, once, unless it leaves. */
export interface SocketWaiter {
  /** Receives a socket; immediately if one was free. */
  readonly onSocket: (socket: HttpSocket) => void;
  /** Receives the error for which no socket could be opened. */
  readonly onNoSocket: (error: Error) => void;
}

/** The bounds of requests to one endpoint. */
export interface HttpLimits {
  /** Sockets to the endpoint. Further requests wait for one. */
  readonly sockets: number;
  /** Time in ms for opening a connection. */
  readonly connectMs: number;
  /** Time in ms for which a request waits for a socket. */
  readonly socketMs: number;
  /** Bytes that are read of one response. A longer response costs its socket; its status counts all the same. */
  readonly answerBytes: number;
}

/** A source of sockets. */
export interface SocketSource {
  readonly limits: HttpLimits;
  readonly now: () => number;
  readonly take: (waiter: SocketWaiter) => void;
  /** Removes a waiter that waits no longer. */
  readonly leave: (waiter: SocketWaiter) => void;
}

/** The dependencies of the pool. */
export interface SocketPoolDeps {
  /** The endpoint: its protocol, host and port count. */
  readonly url: string;
  readonly limits: HttpLimits;
  readonly now: () => number;
}

/** A pool of kept-alive connections to one endpoint, opened on demand. */
export class SocketPool implements SocketSource {
  readonly limits: HttpLimits;
  readonly now: () => number;
  readonly #connect: Connect;
  readonly #idle: IdleSockets;
  readonly #usual = createQueue();
  readonly #anew = createQueue();
  #open = 0;
  /**
   * The source for a retry after a kept-alive connection broke: new connections, which have carried nothing yet, unless
   * the pool is full.
   */
  readonly anew: SocketSource;
  readonly #owner: SocketOwner;

  constructor({ url, limits, now }: SocketPoolDeps) {
    this.limits = limits;
    this.now = now;
    this.#connect = createConnect(new URL(url), limits.connectMs);
    this.#idle = createIdleSockets(now);
    this.anew = {
      limits,
      now,
      take: (waiter) => this.#await(this.#anew, waiter),
      leave: (waiter) => void this.#anew.waiting.delete(waiter),
    };
    this.#owner = this.#createOwner(limits.answerBytes);
  }

  #createOwner(answerBytes: number): SocketOwner {
    return {
      answerBytes,
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
      while (isShort(queue) && this.#anew.opening + this.#usual.opening + this.#open < this.limits.sockets)
        this.#openFor(queue);
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
