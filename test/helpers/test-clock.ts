import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../client/src/index.ts';
import type { StreamClock } from '../../local/streams/clock.ts';
import type { Waiting } from '../../shared/backoff.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** The waiting of code under test, with the waits that it asked for. */
export interface TestWaiting extends Waiting {
  readonly sleptMs: readonly number[];
}

/**
 * The clock of a test. The time stands still until `advance` or a `sleep` moves it. With `jumps`, the time moves to the
 * next timer in each turn of the event loop: hours pass in milliseconds, in order.
 */
export class TestClock implements Clock, StreamClock {
  readonly sleptMs: number[] = [];
  /** The timers in the order in which they are due. */
  readonly #timers: Timer[] = [];
  readonly #jumps: boolean;
  #nowMs: number;
  #isJumping = false;

  constructor(startMs = 0, { jumps = false } = {}) {
    this.#nowMs = startMs;
    this.#jumps = jumps;
  }

  readonly now = (): number => this.#nowMs;

  readonly after = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { dueMs: this.#nowMs + delayMs, callback };
    const before = this.#timers.findLastIndex(({ dueMs }) => dueMs <= timer.dueMs);
    this.#timers.splice(before + 1, 0, timer);
    if (this.#jumps && !this.#isJumping) void this.#jump();
    return () => this.#remove(timer);
  };

  /** The number of timers that are set. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves the time, and rings the timers in the order in which they are due. */
  readonly advance = (byMs: number): void => {
    const untilMs = this.#nowMs + byMs;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) this.#ring(next);
    this.#nowMs = untilMs;
  };

  /** Moves the time in steps, with a turn of the event loop after each: what the timers start can go on meanwhile. */
  readonly pass = async (byMs: number, stepMs = 10): Promise<void> => {
    for (let passedMs = 0; passedMs < byMs; passedMs += stepMs) {
      this.advance(Math.min(stepMs, byMs - passedMs));
      await nextTurn();
    }
  };

  /** Moves the time as in a process that gets no processor: the timers that were due meanwhile ring at its end. */
  readonly starve = (byMs: number): void => {
    this.#nowMs += byMs;
    this.advance(0);
  };

  /** Waits on this clock, and notes the wait. On a clock that stands still, the wait itself moves the time. */
  readonly sleep = async (ms: number): Promise<void> => {
    this.sleptMs.push(ms);
    if (!this.#jumps) return this.advance(ms);
    await new Promise<void>((resolve) => this.after(ms, resolve));
  };

  /** Returns the waiting of code under test, by this clock and by the same "random" number each time. */
  readonly waiting = (random = 0.5): TestWaiting => ({
    sleep: this.sleep,
    random: () => random,
    sleptMs: this.sleptMs,
  });

  async #jump(): Promise<void> {
    this.#isJumping = true;
    while (this.#timers.length > 0) {
      await nextTurn();
      const next = this.#next();
      if (next !== undefined) this.#ring(next);
    }
    this.#isJumping = false;
  }

  #ring(timer: Timer): void {
    this.#remove(timer);
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.callback();
  }

  /** Returns the timer that is due first, if it is due until then. */
  #next(untilMs = Infinity): Timer | undefined {
    const [first] = this.#timers;
    return first !== undefined && first.dueMs <= untilMs ? first : undefined;
  }

  #remove(timer: Timer): void {
    const index = this.#timers.indexOf(timer);
    if (index >= 0) this.#timers.splice(index, 1);
  }
}

/** Creates a clock that jumps from timer to timer. */
export const createJumpingClock = (startMs = Date.UTC(2026, 10, 20)): TestClock =>
  new TestClock(startMs, { jumps: true });
