import { ALL_OPTIONS, COMMANDS } from '../../../cli/commands.ts';
import { UsageError } from '../../../cli/operator-error.ts';
import { parseOptions, splitCommandLine } from '../../../cli/options.ts';

const OPTIONS = {
  connection: { type: 'string' },
  yes: { type: 'boolean' },
  watch: { type: 'string', implied: '5' },
} as const;

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

describe('an option with an implied value', () => {
  it.each([
    [['--watch'], '5', []],
    [['--watch', '--yes'], '5', []],
    [['--watch', '10s'], '10s', []],
    [['--watch', 'news'], '5', ['news']],
    [['--watch=7'], '7', []],
  ])('takes only a value that begins with a digit: %j', (args, watch, positionals) => {
    expect(parseOptions(args, OPTIONS)).toMatchObject({ positionals, values: { watch } });
  });
});

describe('a command line', () => {
  it.each([
    [['stats', '--yes'], 'stats', ['--yes']],
    [['--yes', 'stats', 'one'], 'stats', ['--yes', 'one']],
    [['--connection', 'a', '--url', 'b', 'trace', 'news'], 'trace', ['--connection', 'a', '--url', 'b', 'news']],
    [['--connection=a', 'trace'], 'trace', ['--connection=a']],
    [['--connection', 'stats', '--yes'], undefined, ['--connection', 'stats', '--yes']],
    [['--watch', 'stats'], 'stats', ['--watch']],
    [['--yes', '--', 'stats', '--x'], 'stats', ['--yes', '--x']],
    [['--json'], undefined, ['--json']],
    [[], undefined, []],
  ])('has its command wherever it stands: %j', (args, name, others) => {
    expect(splitCommandLine(args, OPTIONS)).toEqual({ name, args: others });
  });

  it('knows each option by one type, whichever command follows', () => {
    for (const { options } of COMMANDS) expect(ALL_OPTIONS).toMatchObject(options);
  });
});
