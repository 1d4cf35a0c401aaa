import * as BOUNDS from './bounds.ts';
import type { Clock } from './types.ts';

/** The parts that `Liveness` uses. */
export interface LivenessDeps {
  readonly clock: Clock;
  /** Idle time in ms after which the server closes a connection. */
  readonly idleMs: number;
  readonly sendPing: () => void;
  readonly onDead: () => void;
}

/** Detects a dead socket, and keeps a quiet one from being closed as idle. */
export class Liveness {
  readonly #deps: LivenessDeps;
  /** Time of the last frame that shows that the subscriptions still deliver. */
  #deliveredAt = 0;
  #cancelIdle: (() => void) | undefined;
  #cancelSilence: (() => void) | undefined;
  #cancelPong: (() => void) | undefined;

  constructor(deps: LivenessDeps) {
    this.#deps = deps;
  }

  /** Starts the idle timer, when the socket has opened. */
  start(): void {
    this.#deliveredAt = this.#deps.clock.now();
    this.#awaitIdle(this.#pingAfterMs);
  }

  /** Sends a ping at once. Without an answer the socket counts as dead. */
  probe(): void {
    if (this.#cancelPong !== undefined) return;
    const { clock, onDead, sendPing } = this.#deps;
    this.#deliveredAt = clock.now();
    this.#cancelPong = clock.after(BOUNDS.PONG_TIMEOUT_MS, onDead);
    sendPing();
  }

  stop(): void {
    this.#cancelIdle?.();
    this.received();
  }

  /** Notes that a frame was sent that will be answered. */
  sent(): void {
    const { clock } = this.#deps;
    this.#cancelSilence ??= clock.after(BOUNDS.SILENCE_MS, () => this.probe());
  }

  /** Notes that a frame was received. */
  received(): void {
    this.#cancelSilence?.();
    this.#cancelPong?.();
    this.#cancelSilence = undefined;
    this.#cancelPong = undefined;
  }

  /**
   * Notes that a subscription delivered a frame. Answers to requests do not count: a client that publishes all the time
   * must find out, too, that its subscriptions deliver nothing any more.
   */
  delivered(): void {
    this.#deliveredAt = this.#deps.clock.now();
  }

  get #pingAfterMs(): number {
    return this.#deps.idleMs * BOUNDS.IDLE_PING_SHARE;
  }

  /**
   * Sets the one idle timer. The timer is set again only when it fires: frames are far more frequent than idle times.
   */
  #awaitIdle(delayMs: number): void {
    const { clock } = this.#deps;
    this.#cancelIdle = clock.after(delayMs, () => {
      const leftMs = this.#deliveredAt + this.#pingAfterMs - clock.now();
      if (leftMs <= 0) this.probe();
      this.#awaitIdle(leftMs > 0 ? leftMs : this.#pingAfterMs);
    });
  }
}
