/** Returns the middle value; for an even number of values, the mean of the two middle ones. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
}

/** Returns a value with three significant digits, all that a noisy machine supports. */
export const toThreeDigits = (value: number): number => Number(value.toPrecision(3));
