import { FANOUT_BOUNDS } from '../fanout/bounds.ts';
import { type CallbackAnswer, headerOf } from './http-answer.ts';
import type { SocketSource, SocketWaiter } from './socket-pool.ts';
import type { CallbackSocket, SocketUser } from './http-socket.ts';
import type { Patience } from './post.ts';

/** How one request ended. */
export type Answer =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string; readonly dateMs: number }
  /** Nothing came before the deadline, or the post was given up. */
  | { readonly kind: 'silent' }
  /** No connection, or one that broke before it brought a status. */
  | { readonly kind: 'broken'; readonly error: Error };

/** Sends one request, once, and waits for its answer for as long as `patience` says. Its socket is free, or gone, when it resolves. */
export const exchange = (pool: SocketSource, request: Buffer, patience: Patience): Promise<Answer> =>
  new Promise((resolve) => {
    const started = new Exchange(request, patience, resolve);
    pool.take(started);
    started.awaitSocket(pool);
  });

/** One object for each post instead of a closure for each event: this is the inner loop of all fan-out. */
class Exchange implements SocketWaiter, SocketUser {
  readonly #request: Buffer;
  readonly #patience: Patience;
  readonly #resolve: (answer: Answer) => void;
  #timer: NodeJS.Timeout | undefined;
  #socket: CallbackSocket | undefined;
  #isOver = false;

  constructor(request: Buffer, patience: Patience, resolve: (answer: Answer) => void) {
    this.#request = request;
    this.#patience = patience;
    this.#resolve = resolve;
  }

  /** Nearly always a socket was free, and this costs nothing. */
  awaitSocket(pool: SocketSource): void {
    if (this.#socket !== undefined || this.#isOver) return;
    const conclude = (): void => {
      if (this.#socket !== undefined) return;
      pool.leave(this);
      this.#end({ kind: 'broken', error: new Error('No socket was free in time.') });
    };
    this.#timer = setTimeout(() => this.#unlessAnswered(conclude), FANOUT_BOUNDS.POST_TIMEOUT_MS);
  }

  /** Only from now on does the recipient keep anybody waiting. */
  onSocket(socket: CallbackSocket): void {
    this.#socket = socket;
    clearTimeout(this.#timer);
    const { timeoutMs, lateMs = FANOUT_BOUNDS.LATE_MS, onLate } = this.#patience;
    const isEverLate = onLate !== undefined && timeoutMs > lateMs;
    this.#timer = isEverLate
      ? setTimeout(() => this.#unlessAnswered(() => this.#beLate(onLate, timeoutMs - lateMs)), lateMs)
      : setTimeout(() => this.#unlessAnswered(() => this.#giveUp()), timeoutMs);
    socket.send(this.#request, this);
  }

  onNoSocket(error: Error): void {
    this.#end({ kind: 'broken', error });
  }

  onAnswer(answer: CallbackAnswer): void {
    this.#end(answered(answer));
  }

  /** A status that came counts, whatever became of the rest of the answer. */
  onBroken(error: Error, answer: CallbackAnswer | undefined): void {
    this.#end(answer === undefined ? { kind: 'broken', error } : answered(answer));
  }

  /** A process that stood still sees its timers first: what has come meanwhile is read before anything is concluded. */
  #unlessAnswered(conclude: () => void): void {
    setImmediate(() => {
      this.#settle();
      if (!this.#isOver) conclude();
    });
  }

  /** An answer that was read and not handed over yet. Once it is over, the socket is another's. */
  #settle(): void {
    if (!this.#isOver) this.#socket?.settle();
  }

  #beLate(onLate: NonNullable<Patience['onLate']>, leftMs: number): void {
    this.#timer = setTimeout(() => this.#unlessAnswered(() => this.#giveUp()), leftMs);
    onLate(() => this.#giveUp());
  }

  #giveUp(): void {
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

const answered = (answer: CallbackAnswer): Answer => ({
  kind: 'answered',
  status: answer.status,
  text: answer.text.slice(0, FANOUT_BOUNDS.ANSWER_BYTES),
  dateMs: answer.status < 400 ? Number.NaN : Date.parse(headerOf(answer, 'date')),
});
