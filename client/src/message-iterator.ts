import * as BOUNDS from './bounds.ts';
import { RealtimeError } from './realtime-error.ts';
import type { Message } from './types.ts';

/** What the iterator needs of its subscription. */
export interface MessageSource {
  on(name: 'message', listener: (message: Message) => void): () => void;
  on(name: 'error', listener: (error: RealtimeError) => void): () => void;
  on(name: 'state', listener: (state: string) => void): () => void;
}

interface Pull {
  readonly resolve: (result: IteratorResult<Message, undefined>) => void;
  readonly reject: (error: RealtimeError) => void;
}

const DONE = { done: true, value: undefined } as const;

/** The messages of a subscription from now on, for one `for await` loop. */
export class MessageIterator implements AsyncIterableIterator<Message, undefined> {
  readonly #stops: readonly (() => void)[];
  #queue: Message[] = [];
  /** Pulls that wait for a message; while there is one, the queue is empty. */
  #pulls: Pull[] = [];
  #end: { readonly error: RealtimeError | undefined } | undefined;

  constructor(source: MessageSource) {
    this.#stops = [
      source.on('message', (message) => this.#push(message)),
      source.on('error', (error) => this.#finish(error)),
      source.on('state', (state) => {
        if (state === 'ended') this.#finish(undefined);
      }),
    ];
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const value = this.#queue.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Message, undefined>>();
    this.#pulls.push({ resolve, reject });
    if (this.#end !== undefined) this.#settle(this.#end.error);
    return promise;
  }

  /** The loop was left: what still waits is of no use. The subscription goes on. */
  return(): Promise<IteratorResult<Message, undefined>> {
    this.#queue = [];
    this.#finish(undefined);
    return Promise.resolve(DONE);
  }

  /** For a subscription that has ended before. */
  static ended(source: MessageSource): MessageIterator {
    const iterator = new MessageIterator(source);
    iterator.#finish(undefined);
    return iterator;
  }

  #push(message: Message): void {
    const pull = this.#pulls.shift();
    if (pull !== undefined) return pull.resolve({ done: false, value: message });
    if (this.#queue.length < BOUNDS.ITERATOR_MESSAGES) return void this.#queue.push(message);
    const text = `The loop is too slow: ${BOUNDS.ITERATOR_MESSAGES} messages wait for it. What comes after them is left out.`;
    this.#finish(new RealtimeError('queue-full', text));
  }

  /** What came before the end is still handed out. */
  #finish(error: RealtimeError | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    for (const stop of this.#stops) stop();
    this.#settle(error);
  }

  /** An error is told once; after it the loop is over. */
  #settle(error: RealtimeError | undefined): void {
    const pulls = this.#pulls;
    this.#pulls = [];
    for (const [index, { resolve, reject }] of pulls.entries()) {
      if (error !== undefined && index === 0) {
        this.#end = { error: undefined };
        reject(error);
      } else resolve(DONE);
    }
  }
}
