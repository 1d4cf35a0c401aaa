import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StreamClock } from '../../local/streams/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Time that jumps to the next timer whenever the event loop has a turn: hours pass in milliseconds, in order. */
export function createVirtualClock(startMs = Date.UTC(2026, 10, 20)): StreamClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;
  let pumping = false;
  const pump = async (): Promise<void> => {
    pumping = true;
    while (timers.size > 0) {
      await nextTurn();
      const next = [...timers].reduce<Timer | undefined>(
        (a, b) => (a === undefined || b.dueMs < a.dueMs ? b : a),
        undefined,
      );
      if (next === undefined) break;
      timers.delete(next);
      nowMs = Math.max(nowMs, next.dueMs);
      next.callback();
    }
    pumping = false;
  };
  const after = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { dueMs: nowMs + delayMs, callback };
    timers.add(timer);
    if (!pumping) void pump();
    return () => timers.delete(timer);
  };
  return { now: () => nowMs, after };
}
