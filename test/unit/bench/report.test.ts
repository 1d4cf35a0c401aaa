import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCHES } from '../../../bench/benches.ts';
import { GOALS, isReached } from '../../../bench/goals.ts';
import { plot } from '../../../bench/report/plot.ts';
import { figureTables, goalTable, withTable } from '../../../bench/report/tables.ts';
import { type BenchResult, ratiosOf, readResults, resultOf } from '../../../bench/report/result.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const RESULTS = join(ROOT, 'bench', 'results');

const MACHINE = {
  cpu: 'some',
  cores: 2,
  memoryGb: 8,
  platform: 'linux x64',
  node: '24.0.0',
  measuredAt: '2026-01-01T00:00:00.000Z',
  versions: {},
} as const;

const postResult = (cpu: readonly number[]): BenchResult =>
  resultOf(
    'post',
    {
      ratios: { cpu_vs_floor: cpu },
      figures: [{ variant: 'ours', name: 'CPU per post', unit: 'µs', values: [20.123_456, 30] }],
      notes: ['A note.'],
    },
    { machine: MACHINE, seconds: 12.3 },
  );

describe('a result', () => {
  test('as JSON has the medians and all values of its ratios, and nothing else', () => {
    const result = postResult([1.5, 1.25, 1.75]);

    expect(ratiosOf(result)).toEqual({
      bench: 'post',
      ratios: { cpu_vs_floor: { median: 1.5, values: [1.5, 1.25, 1.75] } },
    });
  });

  test('keeps no more digits than mean something', () => {
    expect(postResult([1]).figures[0]?.values).toEqual([20.12, 30]);
  });
});

describe('the table of goals', () => {
  const rowOf = (table: string, goal: string): string => table.split('\n').find((line) => line.includes(goal)) ?? '';
  const goal = 'CPU of one signed post';

  test('says of a goal that it is reached, with every round', () => {
    const row = rowOf(goalTable([postResult([1.5, 1.25, 1.75])]), goal);

    expect(row).toContain('| ≤ 2 | **1.5** | 1.5 · 1.25 · 1.75 | reached |');
  });

  test('says of one that it is not', () => {
    expect(rowOf(goalTable([postResult([2.5])]), goal)).toContain('| **2.5** | 2.5 | not reached |');
  });

  test('claims nothing that was not measured', () => {
    const rows = goalTable([]).split('\n').slice(2);

    expect(rows).toHaveLength(GOALS.length);
    expect(rows.filter((row) => !row.endsWith('| – | – | not measured |'))).toEqual([]);
  });

  test.each([
    ['at most', 2, 2, true],
    ['at most', 2, 2.01, false],
    ['at least', 10, 10, true],
    ['at least', 10, 9.99, false],
    ['at least', 10, Number.NaN, false],
    ['at most', 10, Number.NaN, false],
  ] as const)('%s %d: %d is reached: %s', (...[bound, value, median, expected]) => {
    expect(isReached({ bench: 'post', key: 'k', means: '', bound, value }, median)).toBe(expected);
  });
});

test('the table of figures has the ratios, the figures and the notes', () => {
  const table = figureTables([postResult([1.5])]);

  expect(table).toContain('| `cpu_vs_floor` | ratio | 1.5 | 1.5 |');
  expect(table).toContain('| ours: CPU per post | µs | 25.1 | 20.1 · 30 |');
  expect(table).toContain('A note.');
});

describe('the plot', () => {
  test('has a bar for each goal that was measured, and says its median and its goal', () => {
    const svg = plot([postResult([1.5, 1.25, 1.75])]);

    expect(svg.match(/<rect [^>]*opacity/g)).toHaveLength(1);
    expect(svg).toContain('post: cpu_vs_floor');
    expect(svg).toContain('1.5 (≤ 2)');
    expect(svg).not.toContain('NaN');
  });

  test('draws what misses its goal in another colour', () => {
    const colorOf = (svg: string): string => /<circle [^>]*fill="([^"]+)"/.exec(svg)?.[1] ?? '';

    expect(colorOf(plot([postResult([3])]))).not.toBe(colorOf(plot([postResult([1])])));
  });
});

describe('the table in a document', () => {
  test('takes the place of the one between the markers, and leaves the rest as it is', () => {
    const document = 'before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n';

    expect(withTable(document, 'new')).toBe('before\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nafter\n');
  });

  test('is its headline rows where the marker asks for these', () => {
    const document = '<!-- bench:begin headlines -->\nold\n<!-- bench:end -->\n';

    const written = withTable(document, goalTable([]));

    const [begin, head, rule, ...rest] = written.split('\n');
    const rows = rest.slice(0, rest.indexOf('<!-- bench:end -->'));
    expect([begin, head, rule].join('\n')).toBe(
      `<!-- bench:begin headlines -->\n${goalTable([]).split('\n').slice(0, 2).join('\n')}`,
    );
    expect(rows).toEqual([
      expect.stringContaining('posts a second over those of the official client'),
      expect.stringContaining('at saturation, over the classic design'),
      expect.stringContaining('over socket.io'),
    ]);
  });

  test.each(['none', '<!-- bench:end --> <!-- bench:begin -->', '<!-- bench:end --> <!-- bench:begin headlines -->'])(
    'is refused where there are no markers: %s',
    (text) => {
      expect(() => withTable(text, 'new')).toThrow('bench:begin');
    },
  );
});

describe('what is committed', () => {
  const results = readResults(RESULTS);

  test('has a result of every bench, with every key that has a goal', () => {
    expect(results.map(({ bench }) => bench)).toEqual(BENCHES.map(({ name }) => name));
    for (const { bench, key } of GOALS) {
      expect(results.find((result) => result.bench === bench)?.ratios).toHaveProperty(key);
    }
  });

  test.each([
    ['README.md', 3],
    ['docs/performance.md', GOALS.length],
  ])('is the table of %s, to the letter, with %d rows', (name, count) => {
    const document = readFileSync(join(ROOT, name), 'utf8');

    expect(document).toBe(withTable(document, goalTable(results)));
    expect(document.split('\n').filter((line) => / \| (not )?reached \|$/.test(line))).toHaveLength(count);
  });

  test('is the plot and the tables beside the results', () => {
    expect(readFileSync(join(RESULTS, 'plot.svg'), 'utf8')).toBe(plot(results));
    expect(readFileSync(join(RESULTS, 'table.md'), 'utf8')).toContain(figureTables(results));
  });
});
