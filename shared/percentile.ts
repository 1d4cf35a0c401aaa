/**
 * The smallest value that is not below `share` of all (nearest rank), of values in ascending order; undefined of none.
 */
export const percentile = (sorted: ArrayLike<number>, share: number): number | undefined =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
