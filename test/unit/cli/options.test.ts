import { UsageError } from '../../../cli/operator-error.ts';
import { parseOptions } from '../../../cli/options.ts';

const OPTIONS = { connection: { type: 'string' }, yes: { type: 'boolean' } } as const;

describe('the arguments of a command', () => {
  it('are options and positionals in any order', () => {
    const parsed = parseOptions(['close', '--yes', 'one', '--connection', 'two', 'three'], OPTIONS);

    expect(parsed.positionals).toEqual(['close', 'one', 'three']);
    expect(parsed.values).toMatchObject({ yes: true, connection: 'two' });
  });

  it('may begin with a dash: ids of connections do', () => {
    const parsed = parseOptions(['close', '-Zb=', '--connection', '-a1='], OPTIONS);

    expect(parsed.positionals).toEqual(['close', '-Zb=']);
    expect(parsed.values).toMatchObject({ connection: '-a1=' });
  });

  it('are all positionals after --', () => {
    const parsed = parseOptions(['--yes', 'one', '--', '--connection', 'two'], OPTIONS);

    expect(parsed.positionals).toEqual(['one', '--connection', 'two']);
    expect(parsed.values['connection']).toBeUndefined();
  });

  it.each([
    [['--conection', 'x'], /Unknown option '--conection'/],
    [['--connection'], /--connection/],
    [['--connection', '--yes'], /--connection/],
    [['--yes=no'], /--yes/],
  ])('are refused where they are not known or lack a value: %j', (args, words) => {
    expect(() => parseOptions(args, OPTIONS)).toThrow(words);
  });

  it.each([
    [['--connection='], '--connection is empty'],
    [['--connection', ''], '--connection is empty'],
    [['--connection', '  '], '--connection is empty'],
    [['close', ''], 'Argument 2 is empty'],
    [['--', ''], 'Argument 1 is empty'],
  ])('are refused where they are empty: %j', (args, words) => {
    expect(() => parseOptions(args, OPTIONS)).toThrow(UsageError);
    expect(() => parseOptions(args, OPTIONS)).toThrow(words);
  });
});
