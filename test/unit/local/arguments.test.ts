import { readArguments } from '../../../local/arguments.ts';
import { RuntimeSetupError } from '../../../local/model.ts';

describe('--edges', () => {
  it.each([
    [[], 0],
    [['--edges', '0'], 0],
    [['--edges', '8'], 8],
  ])('%j is %d', (argv, edges) => {
    expect(readArguments(argv, {}).edges).toBe(edges);
  });

  it.each(['9', 'x', '-1', '1.5', ''])('%j is refused with what it should be', (text) => {
    expect(() => readArguments([`--edges=${text}`], {})).toThrow(RuntimeSetupError);
    expect(() => readArguments([`--edges=${text}`], {})).toThrow('--edges is a number from 0 to 8');
  });
});
