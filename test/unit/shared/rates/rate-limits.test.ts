import { readRateLimits } from '../../../../shared/rates/rate-limits.ts';

const DEFAULTS = {
  connectionFrames: 100,
  connectionPublishes: 100,
  connectionRefusals: 100,
  subjectFrames: 500,
  subjectPublishes: 500,
  subjectHandshakes: 120,
};

describe('the rate limits', () => {
  it('have defaults, each of which a setting may replace alone', () => {
    expect(readRateLimits({})).toEqual(DEFAULTS);
    expect(readRateLimits({ subjectFrames: 7 })).toEqual({ ...DEFAULTS, subjectFrames: 7 });
    expect(readRateLimits(readRateLimits({ subjectFrames: 7 }))).toEqual({ ...DEFAULTS, subjectFrames: 7 });
  });

  it.each([0, -1, 1.5, 1_000_001, '100', null])('refuse a rate of %j, by its name', (connectionFrames) => {
    expect(() => readRateLimits({ connectionFrames })).toThrow('rateLimits.connectionFrames: must be a whole number');
  });

  it.each([undefined, null, 'on', 100, []])('refuse %j as a setting', (value) => {
    expect(() => readRateLimits(value)).toThrow('rateLimits');
  });

  it('refuse a rate that does not exist', () => {
    expect(() => readRateLimits({ frames: 1 })).toThrow('rateLimits.frames: unknown field');
  });
});
