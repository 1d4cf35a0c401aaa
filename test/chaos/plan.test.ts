import { planOf } from './plan.ts';
import { SHORT_SCALE } from './scale.ts';
import { seededRandom } from './seeded-random.ts';

describe('a plan of chaos', () => {
  it('is the same for the same seed, and another for another', () => {
    const [one, again, other] = ['7', '7', '8'].map((seed) => planOf(seededRandom(seed), SHORT_SCALE));

    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('has as much of everything as its scale says, spread over the time', () => {
    const { clients, operations, faults } = planOf(seededRandom('7'), SHORT_SCALE);

    const times = [...operations, ...faults].map(({ atMs }) => atMs);
    expect(clients).toHaveLength(SHORT_SCALE.clients);
    expect(operations).toHaveLength(SHORT_SCALE.messages + SHORT_SCALE.increments);
    expect(faults).toHaveLength(Object.values(SHORT_SCALE.faults).reduce((sum, count) => sum + count, 0));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...times)).toBeLessThan(SHORT_SCALE.seconds * 1_000);
  });
});
