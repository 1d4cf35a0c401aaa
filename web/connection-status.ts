import type { Realtime, Status } from '../client/src/index.ts';

/**
 * The status to show. After a loss it stays `offline` until the connection is back, however often the client tries in
 * between: otherwise the lamp would flicker and a screen reader would speak at each attempt.
 */
export class ConnectionStatus {
  readonly #listeners = new Set<(status: Status) => void>();
  #shown: Status;

  constructor(rt: Realtime) {
    this.#shown = rt.status;
    rt.on('status', (status) => this.#take(status));
  }

  get current(): Status {
    return this.#shown;
  }

  /** Calls `listener` now and at each change. Returns a function that ends this. */
  follow(listener: (status: Status) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#shown);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #take(status: Status): void {
    const next = status === 'connecting' ? 'offline' : status;
    if (next === this.#shown) return;
    this.#shown = next;
    for (const listener of this.#listeners) listener(next);
  }
}
