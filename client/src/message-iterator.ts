import * as BOUNDS from './bounds.ts';
import { RealtimeError } from './realtime-error.ts';
import type { ClosedTopic, Message, Position, SubscriptionState } from './types.ts';

/** The part of a subscription that the iterator uses. */
export interface MessageSource {
  readonly topic: string;
  readonly state: SubscriptionState;
  readonly closedAt: Position | undefined;
  on(name: 'message', listener: (message: Message) => void): () => void;
  on(name: 'error', listener: (error: RealtimeError) => void): () => void;
  on(name: 'state', listener: (state: string) => void): () => void;
  on(name: 'closed', listener: (end: ClosedTopic) => void): () => void;
}

interface PendingNext {
  readonly resolve: (result: IteratorResult<Message, undefined>) => void;
  readonly reject: (error: RealtimeError) => void;
}

const DONE = { done: true, value: undefined } as const;

/** An iterator over the messages of a subscription from now on, for one `for await` loop. */
export class MessageIterator implements AsyncIterableIterator<Message, undefined> {
  readonly #stops: readonly (() => void)[];
  #queue: Message[] = [];
  /** Calls of `next()` that wait for a message. While there is one, the queue is empty. */
  #pending: PendingNext[] = [];
  #end: { readonly error: RealtimeError | undefined } | undefined;

  constructor(source: MessageSource) {
    this.#stops = [
      source.on('message', (message) => this.#push(message)),
      source.on('error', (error) => this.#finish(error)),
      source.on('state', (state) => {
        if (state === 'ended') this.#finish(undefined);
      }),
      source.on('closed', ({ topic }) => {
        // One topic under a wildcard does not end the others.
        if (topic === source.topic) this.#finish(undefined);
      }),
    ];
    if (source.state === 'ended' || source.closedAt !== undefined) this.#finish(undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const value = this.#queue.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Message, undefined>>();
    this.#pending.push({ resolve, reject });
    if (this.#end !== undefined) this.#settle(this.#end.error);
    return promise;
  }

  /** Drops the waiting messages, because the loop was left. The subscription goes on. */
  return(): Promise<IteratorResult<Message, undefined>> {
    this.#queue = [];
    this.#finish(undefined);
    return Promise.resolve(DONE);
  }

  #push(message: Message): void {
    const waiting = this.#pending.shift();
    if (waiting !== undefined) return waiting.resolve({ done: false, value: message });
    if (this.#queue.length < BOUNDS.ITERATOR_MESSAGES) return void this.#queue.push(message);
    const text = `The loop is too slow: ${BOUNDS.ITERATOR_MESSAGES} messages wait for it.`;
    this.#finish(new RealtimeError('queue-full', text));
  }

  /** Ends the iterator. Messages that arrived before are still returned. */
  #finish(error: RealtimeError | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    for (const stop of this.#stops) stop();
    this.#settle(error);
  }

  /** Settles the waiting calls. An error is thrown once; after it the iterator is done. */
  #settle(error: RealtimeError | undefined): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const [index, { resolve, reject }] of pending.entries()) {
      if (error !== undefined && index === 0) {
        this.#end = { error: undefined };
        reject(error);
      } else resolve(DONE);
    }
  }
}
