import { type Goal, GOALS, isReached } from '../goals.ts';
import { toThreeDigits } from '../harness/statistics.ts';
import type { BenchResult } from './result.ts';

const BEGIN = '<!-- bench:begin -->';

const END = '<!-- bench:end -->';

/** Returns the goals as a table, as shown in README. A goal without a result is shown as not measured. */
export function goalTable(results: readonly BenchResult[]): string {
  const rows = GOALS.map((goal) => goalRow(goal, results));
  return ['| measured side by side | goal | median | rounds | |', '|---|---|---|---|---|', ...rows].join('\n');
}

function goalRow(goal: Goal, results: readonly BenchResult[]): string {
  const { bench, key, bound, value, means } = goal;
  const ratio = results.find((result) => result.bench === bench)?.ratios[key];
  const sign = bound === 'at most' ? '≤' : '≥';
  const cells = [`${means} (\`${bench}\`)`, `${sign} ${value}`];
  if (ratio === undefined) return row([...cells, '–', '–', 'not measured']);
  const spread = ratio.values.map(text).join(' · ');
  return row([
    ...cells,
    `**${text(ratio.median)}**`,
    spread,
    isReached(goal, ratio.median) ? 'reached' : 'not reached',
  ]);
}

/** Returns all figures of all benches, for bench/results/table.md. */
export function figureTables(results: readonly BenchResult[]): string {
  return results.map(figureTable).join('\n\n');
}

function figureTable({ bench, ratios, figures, notes }: BenchResult): string {
  const ratioRows = Object.entries(ratios).map(([key, { median, values }]) =>
    row([`\`${key}\``, 'ratio', text(median), values.map(text).join(' · ')]),
  );
  const figureRows = figures.map(({ variant, name, unit, median, values }) =>
    row([`${variant}: ${name}`, unit, text(median), values.map(text).join(' · ')]),
  );
  return [
    `## ${bench}`,
    '',
    '| | unit | median | rounds |',
    '|---|---|---|---|',
    ...ratioRows,
    ...figureRows,
    ...notes.map((note) => `\n${note}`),
  ].join('\n');
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const text = (value: number): string => toThreeDigits(value).toLocaleString('en', { maximumSignificantDigits: 3 });

/** Returns a document with the text between its two markers replaced. Throws if it has no markers. */
export function withTable(document: string, table: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`The document has no ${BEGIN} … ${END}.`);
  return `${document.slice(0, begin + BEGIN.length)}\n${table}\n${document.slice(end)}`;
}
