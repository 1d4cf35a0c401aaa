import { backoffMs } from '../../../client/src/backoff.ts';

const BOUNDS = { baseMs: 500, capMs: 20_000 };

describe('a pause before trying again', () => {
  it('has an upper edge that doubles with each failure, up to the cap', () => {
    const edges = [0, 1, 2, 3, 30, 5_000].map((failure) => backoffMs(BOUNDS, failure, () => 1));

    expect(edges).toEqual([500, 1_000, 2_000, 4_000, 20_000, 20_000]);
  });

  it('is anywhere between nothing and that edge', () => {
    const pauses = [0, 0.25, 0.5].map((random) => backoffMs(BOUNDS, 3, () => random));

    expect(pauses).toEqual([0, 1_000, 2_000]);
  });
});
