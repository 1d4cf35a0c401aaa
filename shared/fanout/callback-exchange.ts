import type { Dispatcher } from 'undici';
import { FANOUT_BOUNDS } from './bounds.ts';
import type { SignedPost } from './callback-signer.ts';
import type { Patience } from './post.ts';

/** How one request ended. */
export type Answer =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string; readonly dateMs: number }
  /** Nothing came before the deadline, or the post was given up. */
  | { readonly kind: 'silent' }
  /** No connection, or one that broke before it brought a status. */
  | { readonly kind: 'broken'; readonly error: Error };

/** Sends one request, once, and waits for its answer for as long as `patience` says. Its socket is free when it resolves. */
export const exchange = (pool: Dispatcher, post: SignedPost, patience: Patience): Promise<Answer> =>
  new Promise((resolve) => {
    const started = new Exchange(patience, resolve);
    pool.dispatch({ method: 'POST', ...post }, started);
    started.awaitSocket();
  });

/** One object for each post instead of a closure for each event: this is the inner loop of all fan-out. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #patience: Patience;
  readonly #resolve: (answer: Answer) => void;
  #timer: NodeJS.Timeout | undefined;
  #abort: (() => void) | undefined;
  #isOver = false;
  #status = 0;
  #dateMs = Number.NaN;
  #text = '';

  constructor(patience: Patience, resolve: (answer: Answer) => void) {
    this.#patience = patience;
    this.#resolve = resolve;
  }

  /** Once dispatched. Nearly always a socket was free, and this costs nothing. */
  awaitSocket(): void {
    if (this.#abort !== undefined || this.#isOver) return;
    this.#timer = setTimeout(() => {
      this.#end({ kind: 'broken', error: new Error('No socket was free in time.') });
    }, FANOUT_BOUNDS.POST_TIMEOUT_MS);
  }

  /** The request has a socket. Only from now on does the recipient keep anybody waiting. */
  onConnect(abort: () => void): void {
    if (this.#isOver) return abort();
    this.#abort = abort;
    clearTimeout(this.#timer);
    const { timeoutMs, lateMs = FANOUT_BOUNDS.LATE_MS, onLate } = this.#patience;
    const isEverLate = onLate !== undefined && timeoutMs > lateMs;
    this.#timer = isEverLate
      ? setTimeout(() => this.#unlessAnswered(() => this.#beLate(onLate, timeoutMs - lateMs)), lateMs)
      : setTimeout(() => this.#unlessAnswered(() => this.#giveUp()), timeoutMs);
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    // 100 and its like are no answer yet.
    if (status < 200) return true;
    this.#status = status;
    if (status >= 400) this.#dateMs = Date.parse(headerOf(headers, 'date'));
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#text += chunk.toString('latin1');
    // Whoever answers a post at such length is no callback endpoint: its status is all that counts, and the socket goes.
    if (this.#text.length > FANOUT_BOUNDS.ANSWER_BYTES) this.#giveUp();
    return true;
  }

  onComplete(): void {
    this.#end(this.#answered());
  }

  onError(error: Error): void {
    this.#end(this.#status === 0 ? { kind: 'broken', error } : this.#answered());
  }

  /** A process that stood still sees its timers first: what has come meanwhile is read before anything is concluded. */
  #unlessAnswered(conclude: () => void): void {
    setImmediate(() => {
      if (!this.#isOver) conclude();
    });
  }

  #beLate(onLate: NonNullable<Patience['onLate']>, leftMs: number): void {
    this.#timer = setTimeout(() => this.#unlessAnswered(() => this.#giveUp()), leftMs);
    onLate(() => this.#giveUp());
  }

  /** A status that came before counts, whatever became of the rest of the answer. */
  #giveUp(): void {
    this.#end(this.#status === 0 ? { kind: 'silent' } : this.#answered());
    this.#abort?.();
  }

  #answered(): Answer {
    const text = this.#text.slice(0, FANOUT_BOUNDS.ANSWER_BYTES);
    return { kind: 'answered', status: this.#status, text, dateMs: this.#dateMs };
  }

  #end(answer: Answer): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#resolve(answer);
  }
}

/** Of raw headers: name, value, name, value. */
function headerOf(headers: readonly Buffer[], name: string): string {
  const at = headers.findIndex((each, i) => i % 2 === 0 && each.toString('latin1').toLowerCase() === name);
  return at === -1 ? '' : (headers[at + 1]?.toString('latin1') ?? '');
}
