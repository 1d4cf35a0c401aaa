import { type Goal, GOALS, isReached } from '../goals.ts';
import { toThreeDigits } from '../harness/statistics.ts';
import type { BenchResult } from './result.ts';

/** The comment that opens the place of the whole table of goals. */
const BEGIN = '<!-- bench:begin -->';

/** The comment that opens the place of the headline rows. */
const BEGIN_HEADLINES = '<!-- bench:begin headlines -->';

const END = '<!-- bench:end -->';

/** The keys of the goals whose rows are the headlines. */
const HEADLINES: ReadonlySet<string> = new Set([
  'throughput_vs_sdk_default',
  'deliveries_vs_tutorial',
  'deliveries_vs_socketio',
]);

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

/**
 * Returns a document with the table of goals between its two markers: the whole table, or its headline rows, as the
 * first marker says. Throws when the document has no markers.
 */
export function withTable(document: string, table: string): string {
  const marker = [BEGIN, BEGIN_HEADLINES].find((each) => document.includes(each)) ?? BEGIN;
  const [begin, end] = [document.indexOf(marker), document.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`The document has no ${BEGIN} … ${END}.`);
  const rows = marker === BEGIN ? table : headlinesOf(table);
  return `${document.slice(0, begin + marker.length)}\n${rows}\n${document.slice(end)}`;
}

/** Returns the head of the table of goals and its headline rows. */
function headlinesOf(table: string): string {
  const [head = '', rule = '', ...rows] = table.split('\n');
  const starts = GOALS.filter(({ key }) => HEADLINES.has(key)).map(({ means }) => `| ${means} (`);
  return [head, rule, ...rows.filter((row) => starts.some((start) => row.startsWith(start)))].join('\n');
}
