import { setImmediate as nextTurn } from 'node:timers/promises';
import { runBounded } from '../../../shared/run-bounded.ts';

describe('runBounded', () => {
  it('keeps the results in the order of the items, whatever ends first', async () => {
    const results = await runBounded([3, 1, 2], 3, async (turns) => {
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      return turns * 10;
    });

    expect(results).toEqual([30, 10, 20]);
  });

  it('runs as many at once as it may, and no more', async () => {
    const flight = { now: 0, most: 0 };

    await runBounded(Array.from({ length: 20 }), 4, async () => {
      flight.now += 1;
      flight.most = Math.max(flight.most, flight.now);
      await nextTurn();
      flight.now -= 1;
    });

    expect(flight).toEqual({ now: 0, most: 4 });
  });

  it('rejects with the first rejection', async () => {
    const task = async (item: number) => {
      if (item === 2) throw new Error('second');
      return item;
    };

    await expect(runBounded([1, 2, 3], 2, task)).rejects.toThrow('second');
  });

  it('has no results of no items', async () => {
    expect(await runBounded([], 4, async () => 1)).toEqual([]);
  });
});
