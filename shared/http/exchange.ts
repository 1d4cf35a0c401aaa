import type { HttpAnswer } from './http-answer.ts';
import type { SocketSource, SocketWaiter } from './socket-pool.ts';
import type { HttpSocket, SocketUser } from './http-socket.ts';

/** The time that a request waits for its answer. */
export interface Deadline {
  /** Time in ms, from the moment when the request has a socket, or from the call if `countsWaiting`. */
  readonly timeoutMs: number;
  readonly countsWaiting?: boolean;
  /** Time in ms without an answer after which the request is late. */
  readonly lateMs?: number;
  /** Receives, when the request is late, a function that ends it at once as silent. */
  readonly onLate?: (abandon: () => void) => void;
}

/** The end of one request. */
export type Answer =
  | { readonly kind: 'answered'; readonly http: HttpAnswer }
  /** No answer arrived before the deadline, or the request was abandoned. */
  | { readonly kind: 'silent' }
  /** No connection could be opened, or the connection broke before a status arrived. */
  | { readonly kind: 'broken'; readonly error: Error };

/**
 * Sends one request, once, and waits for its answer until the deadline. Its socket is free, or gone, when it resolves.
 */
export const exchange = (pool: SocketSource, request: Buffer, deadline: Deadline): Promise<Answer> =>
  new Promise((resolve) => {
    const started = new Exchange(request, deadline, resolve);
    pool.take(started);
    started.awaitSocket(pool);
  });

/**
 * A request in flight. One object for each costs less than a closure for each event: this is the inner loop of all
 * fan-out.
 */
class Exchange implements SocketWaiter, SocketUser {
  readonly #request: Buffer;
  readonly #deadline: Deadline;
  readonly #resolve: (answer: Answer) => void;
  #timer: NodeJS.Timeout | undefined;
  #socket: HttpSocket | undefined;
  /** The time in ms that the request has waited for its socket, as far as it had to. */
  #waited = (): number => 0;
  #isOver = false;

  constructor(request: Buffer, deadline: Deadline, resolve: (answer: Answer) => void) {
    this.#request = request;
    this.#deadline = deadline;
    this.#resolve = resolve;
  }

  /** Sets a deadline for the socket, unless one was free at once, as it nearly always is. */
  awaitSocket(pool: SocketSource): void {
    if (this.#socket !== undefined || this.#isOver) return;
    const conclude = (): void => {
      if (this.#socket !== undefined) return;
      pool.leave(this);
      const error = Object.assign(new Error('No socket was free in time.'), { code: 'ETIMEDOUT' });
      this.#end({ kind: 'broken', error });
    };
    this.#timer = setTimeout(() => this.#unlessAnswered(conclude), pool.limits.socketMs);
    const sinceMs = pool.now();
    this.#waited = () => pool.now() - sinceMs;
  }

  /**
   * Sends the request and starts its deadline: until now the request waited for a socket, which is not the recipient's
   * fault.
   */
  onSocket(socket: HttpSocket): void {
    this.#socket = socket;
    clearTimeout(this.#timer);
    const { timeoutMs, countsWaiting = false, lateMs = timeoutMs, onLate } = this.#deadline;
    const leftMs = countsWaiting ? timeoutMs - this.#waited() : timeoutMs;
    const isEverLate = onLate !== undefined && leftMs > lateMs;
    this.#timer = isEverLate
      ? setTimeout(() => this.#unlessAnswered(() => this.#becomeLate(onLate, leftMs - lateMs)), lateMs)
      : setTimeout(() => this.#unlessAnswered(() => this.#abandon()), leftMs);
    socket.send(this.#request, this);
  }

  onNoSocket(error: Error): void {
    this.#end({ kind: 'broken', error });
  }

  onAnswer(answer: HttpAnswer): void {
    this.#end(answered(answer));
  }

  /** Ends the exchange. A status that arrived counts, whatever became of the rest of the answer. */
  onBroken(error: Error, answer: HttpAnswer | undefined): void {
    this.#end(answer === undefined ? { kind: 'broken', error } : answered(answer));
  }

  /** Concludes only after all received bytes were read: after a process stood still, its timers fire first. */
  #unlessAnswered(conclude: () => void): void {
    setImmediate(() => {
      this.#settle();
      if (!this.#isOver) conclude();
    });
  }

  /** Hands over an answer that was read already. Once the exchange is over, its socket belongs to another one. */
  #settle(): void {
    if (!this.#isOver) this.#socket?.settle();
  }

  #becomeLate(onLate: NonNullable<Deadline['onLate']>, leftMs: number): void {
    this.#timer = setTimeout(() => this.#unlessAnswered(() => this.#abandon()), leftMs);
    onLate(() => this.#abandon());
  }

  #abandon(): void {
    this.#settle();
    if (this.#isOver) return;
    const answer = this.#socket?.letGo();
    this.#end(answer === undefined ? { kind: 'silent' } : answered(answer));
  }

  #end(answer: Answer): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#resolve(answer);
  }
}

const answered = (http: HttpAnswer): Answer => ({ kind: 'answered', http });
