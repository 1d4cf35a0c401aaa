import { ANSWER_BYTES, type HttpAnswer, headerOf } from './http-answer.ts';
import type { SocketSource, SocketWaiter } from './socket-pool.ts';
import type { HttpSocket, SocketUser } from './http-socket.ts';
import { LATE_MS, type PostDeadline, POST_TIMEOUT_MS } from './post.ts';

/** The end of one request. */
export type Answer =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string; readonly dateMs: number }
  /** No answer arrived before the deadline, or the post was abandoned. */
  | { readonly kind: 'silent' }
  /** No connection could be opened, or the connection broke before a status arrived. */
  | { readonly kind: 'broken'; readonly error: Error };

/**
 * Sends one request, once, and waits for its answer until the deadline. Its socket is free, or gone, when it resolves.
 */
export const exchange = (pool: SocketSource, request: Buffer, deadline: PostDeadline): Promise<Answer> =>
  new Promise((resolve) => {
    const started = new Exchange(request, deadline, resolve);
    pool.take(started);
    started.awaitSocket(pool);
  });

/**
 * A request in flight. One object for each post costs less than a closure for each event: this is the inner loop of all
 * fan-out.
 */
class Exchange implements SocketWaiter, SocketUser {
  readonly #request: Buffer;
  readonly #deadline: PostDeadline;
  readonly #resolve: (answer: Answer) => void;
  #timer: NodeJS.Timeout | undefined;
  #socket: HttpSocket | undefined;
  #isOver = false;

  constructor(request: Buffer, deadline: PostDeadline, resolve: (answer: Answer) => void) {
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
      this.#end({ kind: 'broken', error: new Error('No socket was free in time.') });
    };
    this.#timer = setTimeout(() => this.#unlessAnswered(conclude), POST_TIMEOUT_MS);
  }

  /**
   * Sends the request and starts its deadline: until now the post waited for a socket, which is not the recipient's
   * fault.
   */
  onSocket(socket: HttpSocket): void {
    this.#socket = socket;
    clearTimeout(this.#timer);
    const { timeoutMs, lateMs = LATE_MS, onLate } = this.#deadline;
    const isEverLate = onLate !== undefined && timeoutMs > lateMs;
    this.#timer = isEverLate
      ? setTimeout(() => this.#unlessAnswered(() => this.#becomeLate(onLate, timeoutMs - lateMs)), lateMs)
      : setTimeout(() => this.#unlessAnswered(() => this.#abandon()), timeoutMs);
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

  #becomeLate(onLate: NonNullable<PostDeadline['onLate']>, leftMs: number): void {
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

const answered = (answer: HttpAnswer): Answer => ({
  kind: 'answered',
  status: answer.status,
  text: answer.text.slice(0, ANSWER_BYTES),
  dateMs: answer.status < 400 ? Number.NaN : Date.parse(headerOf(answer, 'date')),
});
