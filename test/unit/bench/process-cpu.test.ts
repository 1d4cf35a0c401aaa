import { parseStat, treeCpuMs, treeTotal } from '../../../bench/harness/process-cpu.ts';

describe('CPU time', () => {
  test('is read from /proc behind a name that holds spaces and brackets', () => {
    const stat = '42 (node (x) y) S 7 42 42 0 -1 4194560 1 2 3 4 150 50 20 10 20 0 11 0 123 456 789';

    expect(parseStat(stat)).toEqual({ parent: 7, cpuMs: 2_300 });
  });

  test('of a tree is the sum of a process and all below it, and of nobody else', () => {
    const times = [
      { pid: 1, parent: 0, cpuMs: 1_000 },
      { pid: 2, parent: 1, cpuMs: 100 },
      { pid: 3, parent: 2, cpuMs: 10 },
      { pid: 4, parent: 1, cpuMs: 5 },
    ];

    expect(treeTotal(times, 2)).toBe(110);
    expect(treeTotal(times, 1)).toBe(1_115);
  });

  (process.platform === 'linux' ? test : test.skip)('of this process is about what Node itself says', () => {
    const { user, system } = process.cpuUsage();

    expect(treeCpuMs(process.pid)).toBeGreaterThanOrEqual((user + system) / 1_000 - 50);
  });
});
