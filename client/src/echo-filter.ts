import type { MessageFrame } from '../../shared/protocol/server-frames.ts';
import * as BOUNDS from './bounds.ts';
import type { Position } from './types.ts';

/** The parts that an `EchoFilter` uses. */
export interface EchoFilterDeps {
  readonly deliver: (message: MessageFrame) => void;
  /** Whether the server may send the client a message that it published with `echo: false`. */
  readonly hasEcho: () => boolean;
}

/**
 * Drops the client's own messages that were published with `echo: false`. The server skips the connection that
 * published, but knows no other connection of the client: during a renewal the message arrives through the other one,
 * and over HTTP by a request of its own.
 * In that case all messages are buffered until the ack tells which one is the client's own.
 */
export class EchoFilter {
  readonly #deps: EchoFilterDeps;
  #buffered: MessageFrame[] = [];
  #inFlight = 0;
  #isBuffering = false;

  constructor(deps: EchoFilterDeps) {
    this.#deps = deps;
  }

  /**
   * Starts to buffer if a publish is in flight: the connection is being replaced, and its echo may arrive by another
   * one.
   */
  connectionReplaced(): void {
    this.#isBuffering = this.#inFlight > 0;
  }

  /** Registers a publish to a topic. Call the returned function with its position, or with undefined when it failed. */
  begin(topic: string): (own: Position | undefined) => void {
    this.#inFlight += 1;
    this.#isBuffering ||= this.#deps.hasEcho();
    return (own) => this.#end(topic, own);
  }

  /** Takes the next message in the order of `seq`. */
  take(message: MessageFrame): void {
    if (!this.#isBuffering) return this.#deps.deliver(message);
    this.#buffered.push(message);
    // An echo is better than a buffer without a bound.
    if (this.#buffered.length >= BOUNDS.BUFFERED_MESSAGES) this.#release();
  }

  #end(topic: string, own: Position | undefined): void {
    this.#inFlight -= 1;
    this.#buffered = this.#buffered.filter(
      (message) => message.topic !== topic || message.epoch !== own?.epoch || message.seq !== own.seq,
    );
    if (this.#inFlight > 0) return;
    this.#isBuffering = false;
    this.#release();
  }

  #release(): void {
    const messages = this.#buffered;
    this.#buffered = [];
    for (const message of messages) this.#deps.deliver(message);
  }
}
