/**
 * Returns a percentile of values in ascending order, by nearest rank: the smallest value such that at least `share` (0
 * to 1) of all are not above it. Undefined without values.
 */
export const percentile = (sorted: ArrayLike<number>, share: number): number | undefined =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
