/** Time in ms between two measurements of the event loop's delay, 50. */
const SAMPLE_MS = 50;

/** A measured delay in ms up to which the event loop counts as served, 10: timers are never exact. */
const TOLERATED_MS = 10;

/** The largest factor by which a limit is extended, 4. */
const LONGEST_EXTENSION = 4;

/** The timers that served time is measured with. */
export interface Timers {
  /** Returns the time in ms since a fixed point. */
  readonly now: () => number;
  /** Calls back once after `delayMs`. The returned function cancels the call. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
}

/**
 * A clock of the time in which this process got the processor. On a starved machine it is slower than real time, so
 * that a function does not fail by time that nobody gave it.
 */
export interface ServedTime {
  /** Returns the served time in ms since a fixed point. */
  readonly now: () => number;
  /**
   * Calls back once after `limitMs` of served time, or after four times `limitMs` of real time. The returned function
   * cancels the call.
   */
  readonly after: (limitMs: number, callback: () => void) => () => void;
}

const SYSTEM_TIMERS: Timers = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Creates a clock of served time. The event loop's delay is measured only while a limit is running. */
export function createServedTime(timers: Timers = SYSTEM_TIMERS): ServedTime {
  const loss = createLossMeter(timers);
  const now = (): number => timers.now() - loss.lostMs();
  const after = (limitMs: number, callback: () => void): (() => void) => {
    const release = loss.hold();
    const [served, real] = [now(), timers.now()];
    let cancel: () => void = () => undefined;
    const wait = (leftMs: number): void => {
      cancel = timers.after(leftMs, () => {
        const leftServedMs = served + limitMs - now();
        const leftRealMs = real + limitMs * LONGEST_EXTENSION - timers.now();
        if (leftServedMs >= 1 && leftRealMs >= 1) return wait(Math.min(leftServedMs, leftRealMs));
        release();
        callback();
      });
    };
    wait(limitMs);
    return () => {
      cancel();
      release();
    };
  };
  return { now, after };
}

interface LossMeter {
  /** Returns the time in ms that the event loop was late, since the first hold. */
  readonly lostMs: () => number;
  /** Keeps the meter running until the returned function is called. */
  readonly hold: () => () => void;
}

function createLossMeter(timers: Timers): LossMeter {
  let lost = 0;
  let sampledMs = 0;
  const holds = new Set<object>();
  let cancelSample: () => void = () => undefined;
  const take = (): void => {
    const lateMs = holds.size === 0 ? 0 : timers.now() - sampledMs - SAMPLE_MS;
    if (lateMs <= TOLERATED_MS) return;
    lost += lateMs;
    sampledMs += lateMs;
  };
  const sample = (): void => {
    sampledMs = timers.now();
    cancelSample = timers.after(SAMPLE_MS, () => {
      take();
      sample();
    });
  };
  const hold = (): (() => void) => {
    const held = {};
    if (holds.size === 0) sample();
    holds.add(held);
    return () => {
      take();
      if (holds.delete(held) && holds.size === 0) cancelSample();
    };
  };
  const lostMs = (): number => {
    take();
    return lost;
  };
  return { lostMs, hold };
}

/** The served time of this process. */
export const processTime: ServedTime = createServedTime();
