/**
 * The requests in flight. Their number has no bound until the server refuses one because of its rate. From then on one
 * at a time is sent, and one more beside it with each full set of answers, until no request waits.
 */
export class RateGate<R> {
  readonly #sent = new Set<R>();
  readonly #held = new Set<R>();
  /** The refused requests, until they are sent again. */
  readonly #paused = new Set<R>();
  #window = Infinity;

  /** Returns whether a request may be sent now, and counts it then; otherwise holds it. */
  enter(request: R): boolean {
    const isOpen = this.#sent.has(request) || this.#sent.size < this.#window;
    this.#drop(request);
    (isOpen ? this.#sent : this.#held).add(request);
    return isOpen;
  }

  /** Notes that a request is not in flight any more. Returns the requests to send, as far as they may `enter`. */
  leave(request: R, how?: 'answered' | 'refused'): readonly R[] {
    this.#drop(request);
    if (how === 'refused') {
      this.#window = 1;
      this.#paused.add(request);
    } else if (how === 'answered') this.#window += 1 / this.#window;
    const held = this.#held.size;
    if (held + this.#sent.size + this.#paused.size === 0) this.#window = Infinity;
    return held > 0 && this.#sent.size < this.#window ? [...this.#held].slice(0, Math.ceil(this.#window)) : [];
  }

  #drop(request: R): void {
    for (const each of [this.#sent, this.#held, this.#paused]) each.delete(request);
  }
}
