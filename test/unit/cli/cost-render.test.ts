import { percent, rounded } from '../../../cli/cost/render.ts';

describe('a number of the bill', () => {
  it.each([
    [0, '0'],
    [1.01e-23, 'under 0.001'],
    [0.000999, 'under 0.001'],
    [0.001, '0.001'],
    [7.9412, '7.94'],
    [6_044.3, '6,044'],
  ])('%s is written as %s', (value, text) => {
    expect(rounded(value)).toBe(text);
  });
});

describe('a share', () => {
  it.each([
    [0, '0 %'],
    [0.001, 'under 1 %'],
    [0.938, '94 %'],
  ])('%s is written as %s', (share, text) => {
    expect(percent(share)).toBe(text);
  });
});
