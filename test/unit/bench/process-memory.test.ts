import { treeMemory, valueOf } from '../../../bench/harness/process-memory.ts';

describe('the memory of processes', () => {
  test('is read in KB from the line of its name', () => {
    const text = 'Pss_Anon:   7 kB\nRss:              5120 kB\nAnonymous:        1024 kB\n';

    expect(valueOf(text, 'Rss')).toBe(5_120);
    expect(valueOf(text, 'Anonymous')).toBe(1_024);
  });

  test('of this process is more than what is its own alone', () => {
    const { residentMb, anonymousMb } = treeMemory(process.pid);

    expect(anonymousMb).toBeGreaterThan(1);
    expect(residentMb).toBeGreaterThan(anonymousMb);
  });
});
