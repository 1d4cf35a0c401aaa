import type { Realtime } from '@distributary/client';

/** A client, or a function that makes one. */
export type GivenClient = Realtime | (() => Realtime);

/**
 * The client of one provider. One that a function makes is made when a component needs it first, which is never on a
 * server, and closed after the provider has gone. A client that was given stays open.
 */
export class ClientSource {
  readonly given: GivenClient;
  #made: Realtime | undefined;
  #closing: ReturnType<typeof setTimeout> | undefined;

  constructor(given: GivenClient) {
    this.given = given;
  }

  /** Returns the client for a subscription. Makes another one when the last one was closed with the provider. */
  open(): Realtime {
    if (this.#made?.status === 'closed') this.#made = undefined;
    return this.client();
  }

  /** Returns the client for a request. After the end of the provider it is a closed one, which rejects requests. */
  client(): Realtime {
    if (typeof this.given !== 'function') return this.given;
    this.#made ??= this.given();
    return this.#made;
  }

  /** Keeps the client open until the returned function is called, and a moment longer: React may mount again. */
  hold(): () => void {
    clearTimeout(this.#closing);
    return () => {
      this.#closing = setTimeout(() => this.#made?.close());
    };
  }
}
