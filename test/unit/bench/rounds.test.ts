import { inRounds } from '../../../bench/harness/rounds.ts';

/** Runs rounds in which each variant measures its given values, and records the order. */
async function measured(rounds: number) {
  const order: string[] = [];
  const costs = { ours: [10, 20, 40], theirs: [5, 5, 10] } as const;
  const result = await inRounds({
    variants: ['ours', 'theirs'] as const,
    rounds,
    measure: async (variant, round) => {
      order.push(variant);
      return { cost: costs[variant][round] ?? Number.NaN };
    },
    progress: () => undefined,
  });
  return { order, result };
}

const cost = (each: { readonly cost: number }): number => each.cost;

describe('rounds', () => {
  test('turn the order of the variants round each time', async () => {
    const { order } = await measured(3);

    expect(order).toEqual(['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs']);
  });

  test('make a ratio of what was measured in the same round', async () => {
    const { result } = await measured(3);

    expect(result.ratio('ours', 'theirs', cost)).toEqual([2, 4, 4]);
  });

  test('keep every value of every variant', async () => {
    const { result } = await measured(2);

    expect(result.values('theirs', cost)).toEqual([5, 5]);
    expect(result.figures('cost', 'ms', cost)).toEqual([
      { variant: 'ours', name: 'cost', unit: 'ms', values: [10, 20] },
      { variant: 'theirs', name: 'cost', unit: 'ms', values: [5, 5] },
    ]);
  });

  test('end with the failure of a measurement', async () => {
    const failing = inRounds({
      variants: ['ours'],
      rounds: 2,
      measure: async () => Promise.reject(new Error('it broke')),
      progress: () => undefined,
    });

    await expect(failing).rejects.toThrow('it broke');
  });
});
