import * as BOUNDS from './bounds.ts';
import type { Clock } from './types.ts';

export interface LivenessDeps {
  readonly clock: Clock;
  /** A connection is closed by the server when it is idle for so long. */
  readonly idleMs: number;
  readonly ping: () => void;
  /** Nobody is at the other end. */
  readonly dead: () => void;
}

/** Tells a dead socket from a quiet one, and keeps a quiet one from being closed as idle. */
export class Liveness {
  readonly #deps: LivenessDeps;
  /** When something last showed that what is followed still comes. */
  #activeAt = 0;
  #cancelIdle: (() => void) | undefined;
  #cancelSilence: (() => void) | undefined;
  #cancelPong: (() => void) | undefined;

  constructor(deps: LivenessDeps) {
    this.#deps = deps;
  }

  /** The socket opened. */
  start(): void {
    this.#activeAt = this.#deps.clock.now();
    this.#awaitIdle(this.#pingAfterMs);
  }

  /** Asks at once whether anybody is there. */
  probe(): void {
    if (this.#cancelPong !== undefined) return;
    const { clock, dead, ping } = this.#deps;
    this.#activeAt = clock.now();
    this.#cancelPong = clock.after(BOUNDS.PONG_TIMEOUT_MS, dead);
    ping();
  }

  stop(): void {
    this.#cancelIdle?.();
    this.#heard();
  }

  /** A frame went out that will be answered. */
  sent(): void {
    const { clock } = this.#deps;
    this.#cancelSilence ??= clock.after(BOUNDS.SILENCE_MS, () => this.probe());
  }

  /** A frame came in. */
  received(): void {
    this.#heard();
  }

  /**
   * A frame of what is followed came in. Answers to one's own requests do not count: who only publishes must find out, too,
   * that nothing reaches it any more.
   */
  followed(): void {
    this.#activeAt = this.#deps.clock.now();
  }

  get #pingAfterMs(): number {
    return this.#deps.idleMs * BOUNDS.IDLE_PING_SHARE;
  }

  #heard(): void {
    this.#cancelSilence?.();
    this.#cancelPong?.();
    this.#cancelSilence = undefined;
    this.#cancelPong = undefined;
  }

  /** One timer that is set anew only when it rings: frames are far more frequent than idle times. */
  #awaitIdle(delayMs: number): void {
    const { clock } = this.#deps;
    this.#cancelIdle = clock.after(delayMs, () => {
      const leftMs = this.#activeAt + this.#pingAfterMs - clock.now();
      if (leftMs <= 0) this.probe();
      this.#awaitIdle(leftMs > 0 ? leftMs : this.#pingAfterMs);
    });
  }
}
