import type { MessageFrame } from '../../shared/protocol/server-frames.ts';
import * as BOUNDS from './bounds.ts';
import type { Position } from './types.ts';

export interface EchoFilterDeps {
  readonly deliver: (message: MessageFrame) => void;
  /** The next connection is open, beside the current one. */
  readonly isRenewing: () => boolean;
}

/**
 * Keeps from the publisher what it published with `echo: false`. The server leaves out the connection that published, but knows
 * no other of the same client: while a connection is being replaced, the message comes by the other one. Then what comes
 * is held until the ack has told which message is one's own.
 */
export class EchoFilter {
  readonly #deps: EchoFilterDeps;
  #held: MessageFrame[] = [];
  #underWay = 0;
  #isSuspect = false;

  constructor(deps: EchoFilterDeps) {
    this.#deps = deps;
  }

  /** The connection is being replaced: what is under way may come by another one. */
  suspect(): void {
    this.#isSuspect = this.#underWay > 0;
  }

  /** A publish begins; what it returns is to be called with its position, or with none when it failed. */
  begin(): (own: Position | undefined) => void {
    this.#underWay += 1;
    this.#isSuspect ||= this.#deps.isRenewing();
    return (own) => this.#end(own);
  }

  /** A message, in its order. */
  take(message: MessageFrame): void {
    if (!this.#isSuspect) return this.#deps.deliver(message);
    this.#held.push(message);
    // Rather an echo than messages that wait without a bound.
    if (this.#held.length >= BOUNDS.HELD_MESSAGES) this.#release();
  }

  #end(own: Position | undefined): void {
    this.#underWay -= 1;
    this.#held = this.#held.filter(({ epoch, seq }) => epoch !== own?.epoch || seq !== own.seq);
    if (this.#underWay > 0) return;
    this.#isSuspect = false;
    this.#release();
  }

  #release(): void {
    const messages = this.#held;
    this.#held = [];
    for (const message of messages) this.#deps.deliver(message);
  }
}
