import { median, toThreeDigits } from '../../../bench/harness/statistics.ts';
import { percentile } from '../../../shared/percentile.ts';

describe('the median', () => {
  test.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100, 2], 9.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test('of nothing is no number', () => {
    expect(median([])).toBeNaN();
  });

  test('leaves the values in their order', () => {
    const values = [3, 1, 2];

    median(values);

    expect(values).toEqual([3, 1, 2]);
  });
});

describe('a percentile', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1);

  test.each([
    [0.5, 50],
    [0.99, 99],
    [1, 100],
    [0, 1],
  ])('at %d is the nearest rank', (share, expected) => {
    expect(percentile(hundred, share)).toBe(expected);
  });

  test('of one value is that value; of nothing, no number', () => {
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeUndefined();
  });
});

test('three significant digits are kept', () => {
  expect([1.23456, 123_456, 0.000_123_4].map(toThreeDigits)).toEqual([1.23, 123_000, 0.000_123]);
});
