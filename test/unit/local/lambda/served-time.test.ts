import { createServedTime } from '../../../../local/lambda/served-time.ts';
import { TestClock } from '../../../helpers/test-clock.ts';

describe('Served time', () => {
  it('ends a limit in real time while the process is served', () => {
    const clock = new TestClock();
    const ended: string[] = [];
    createServedTime(clock).after(1_000, () => ended.push('limit'));

    clock.advance(999);
    const before = [...ended];
    clock.advance(1);

    expect(before).toEqual([]);
    expect(ended).toEqual(['limit']);
    expect(clock.pending).toBe(0);
  });

  it('does not count the time in which the process was starved', () => {
    const clock = new TestClock();
    const ended: string[] = [];
    createServedTime(clock).after(1_000, () => ended.push('limit'));

    clock.advance(500);
    clock.starve(1_500);
    clock.advance(400);
    const before = [...ended];
    clock.advance(200);

    expect(before).toEqual([]);
    expect(ended).toEqual(['limit']);
  });

  it('ends a limit in four times its length, however starved the process is', () => {
    const clock = new TestClock();
    const ended: string[] = [];
    createServedTime(clock).after(1_000, () => ended.push('limit'));

    for (let passed = 0; passed < 3_900; passed += 300) clock.starve(300);
    const before = [...ended];
    clock.starve(300);

    expect(before).toEqual([]);
    expect(ended).toEqual(['limit']);
  });

  it('never ends a limit that was cancelled, and then measures nothing', () => {
    const clock = new TestClock();
    const ended: string[] = [];
    const cancel = createServedTime(clock).after(100, () => ended.push('limit'));

    clock.advance(50);
    cancel();
    cancel();
    clock.advance(1_000);

    expect(ended).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
