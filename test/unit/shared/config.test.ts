import { backOff } from '../../../shared/backoff.ts';
import { requiredCount, requiredPoster, requiredText } from '../../../shared/config.ts';
import { TestClock } from '../../helpers/test-clock.ts';

const CONFIG_ERROR = expect.objectContaining({ name: 'ConfigError' });

describe('the environment of a Lambda', () => {
  it('gives a text, and refuses one that is missing or empty by its name', () => {
    expect(requiredText('A', { A: 'x' })).toBe('x');
    expect(() => requiredText('A', {})).toThrow(CONFIG_ERROR);
    expect(() => requiredText('A', { A: '' })).toThrow(/A is required/);
  });

  it.each(['0', '-1', '1.5', 'x', '', '1e20'])('refuses «%s» for a count', (text) => {
    expect(() => requiredCount('A', { A: text })).toThrow(CONFIG_ERROR);
  });

  it('gives a count', () => {
    expect(requiredCount('A', { A: '24' })).toBe(24);
  });

  it('gives the poster of the stack, and refuses any other', () => {
    expect(['fast', 'sdk'].map((POSTER) => requiredPoster({ POSTER }))).toEqual(['fast', 'sdk']);
    for (const environment of [{}, { POSTER: '' }, { POSTER: 'SDK' }, { POSTER: 'undici' }]) {
      expect(() => requiredPoster(environment)).toThrow(CONFIG_ERROR);
    }
  });
});

describe('backOff', () => {
  it('waits up to its base before the first retry, twice as long with each, and never over its cap', async () => {
    const waiting = new TestClock().waiting(1);

    for (const retry of [1, 2, 3, 4, 5]) await backOff(retry, { baseMs: 10, capMs: 100 }, waiting);

    expect(waiting.sleptMs).toEqual([10, 20, 40, 80, 100]);
  });

  it('spreads the waits by chance', async () => {
    const waiting = new TestClock().waiting(0.25);

    await backOff(1, { baseMs: 10, capMs: 100 }, waiting);

    expect(waiting.sleptMs).toEqual([2.5]);
  });
});
