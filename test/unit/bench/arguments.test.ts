import { BENCH_HELP, BenchUsageError, readTask } from '../../../bench/arguments.ts';
import { BENCHES } from '../../../bench/benches.ts';
import { GOALS } from '../../../bench/goals.ts';

describe('the command line', () => {
  test('without a name runs every bench but those that are run by name alone', () => {
    const names = BENCHES.flatMap(({ name }) =>
      ['large', 'flood', 'connect', 'overload', 'memory', 'blocks', 'iam'].includes(name) ? [] : [name],
    );

    expect(readTask([])).toEqual({ kind: 'run', names, json: false });
  });

  test.each([
    [['post'], { kind: 'run', names: ['post'], json: false }],
    [['post', '--json'], { kind: 'run', names: ['post'], json: true }],
    [['post', 'batch'], { kind: 'run', names: ['post', 'batch'], json: false }],
    [['table'], { kind: 'table' }],
    [['compare', 'HEAD~1'], { kind: 'compare', revision: 'HEAD~1', only: undefined }],
    [['compare', 'HEAD~1', 'connect'], { kind: 'compare', revision: 'HEAD~1', only: 'connect' }],
    [['--help'], { kind: 'help' }],
  ])('%j is understood', (argv, expected) => {
    expect(readTask(argv)).toEqual(expected);
  });

  test.each([
    [['nothing']],
    [['--json']],
    [['post', 'batch', '--json']],
    [['compare']],
    [['compare', 'a', 'b']],
    [['--x']],
  ])('%j is refused in one line that says what to do', (argv) => {
    expect(() => readTask(argv)).toThrow(BenchUsageError);
    expect(() => readTask(argv)).toThrow(/^[^\n]+$/);
  });
});

describe('the help', () => {
  test.each(BENCHES)('names $name and what it compares', ({ name, summary }) => {
    expect(BENCH_HELP).toContain(`  ${name} `);
    expect(BENCH_HELP).toContain(summary);
  });

  test.each(GOALS)('names the goal $key of $bench', ({ key, value }) => {
    expect(BENCH_HELP).toMatch(new RegExp(`${key} [<>]= ${value}`));
  });
});

test('every goal is one of a bench that there is', () => {
  const names = BENCHES.map(({ name }) => name);

  expect(GOALS.filter(({ bench }) => !names.includes(bench))).toEqual([]);
});
