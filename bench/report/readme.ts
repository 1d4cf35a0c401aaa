import { GOALS } from '../goals.ts';

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

/**
 * Returns a document with the table of goals between its two markers: the whole table, or its headline rows, as the first
 * marker says. Throws when the document has no markers.
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
