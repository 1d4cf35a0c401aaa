import { reconnectDelayMs } from '../../../client/src/backoff.ts';
import { BOUNDS } from '../../../client/src/bounds.ts';

describe('the pause before a reconnect', () => {
  it('has an upper edge that doubles with each failure, up to the cap', () => {
    const edges = [0, 1, 2, 3, 30, 5_000].map((attempt) => reconnectDelayMs(attempt, () => 1));

    expect(edges).toEqual([500, 1_000, 2_000, 4_000, BOUNDS.RECONNECT_CAP_MS, BOUNDS.RECONNECT_CAP_MS]);
  });

  it('is anywhere between nothing and that edge', () => {
    const delays = [0, 0.25, 0.5].map((random) => reconnectDelayMs(3, () => random));

    expect(delays).toEqual([0, 1_000, 2_000]);
  });
});
