import { createServedTime, type Timers } from '../../../../local/lambda/served-time.ts';

/** Timers whose process is starved on demand: callbacks that became due in the meantime run late. */
function scriptedTimers() {
  let nowMs = 0;
  const waiting = new Set<{ readonly dueMs: number; readonly callback: () => void }>();
  const timers: Timers = {
    now: () => nowMs,
    after: (delayMs, callback) => {
      const timer = { dueMs: nowMs + delayMs, callback };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
  };
  const runDue = (): void => {
    for (const timer of [...waiting].toSorted((a, b) => a.dueMs - b.dueMs)) {
      if (timer.dueMs <= nowMs && waiting.delete(timer)) timer.callback();
    }
  };
  const starve = (ms: number): void => {
    nowMs += ms;
    runDue();
  };
  const serve = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 1) starve(1);
  };
  return { timers, starve, serve, isAtRest: () => waiting.size === 0 };
}

describe('Served time', () => {
  it('ends a limit in real time while the process is served', () => {
    const { timers, serve, isAtRest } = scriptedTimers();
    const ended: string[] = [];
    createServedTime(timers).after(1_000, () => ended.push('limit'));

    serve(999);
    const before = [...ended];
    serve(1);

    expect(before).toEqual([]);
    expect(ended).toEqual(['limit']);
    expect(isAtRest()).toBe(true);
  });

  it('does not count the time in which the process was starved', () => {
    const { timers, serve, starve } = scriptedTimers();
    const ended: string[] = [];
    createServedTime(timers).after(1_000, () => ended.push('limit'));

    serve(500);
    starve(1_500);
    serve(400);
    const before = [...ended];
    serve(200);

    expect(before).toEqual([]);
    expect(ended).toEqual(['limit']);
  });

  it('ends a limit in four times its length, however starved the process is', () => {
    const { timers, starve } = scriptedTimers();
    const ended: string[] = [];
    createServedTime(timers).after(1_000, () => ended.push('limit'));

    for (let passed = 0; passed < 3_900; passed += 300) starve(300);
    const before = [...ended];
    starve(300);

    expect(before).toEqual([]);
    expect(ended).toEqual(['limit']);
  });

  it('never ends a limit that was cancelled, and then measures nothing', () => {
    const { timers, serve, isAtRest } = scriptedTimers();
    const ended: string[] = [];
    const cancel = createServedTime(timers).after(100, () => ended.push('limit'));

    serve(50);
    cancel();
    cancel();
    serve(1_000);

    expect(ended).toEqual([]);
    expect(isAtRest()).toBe(true);
  });
});
