const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

/** Returns a document with the text between its two markers replaced. Throws if it has no markers. */
export function withTable(document: string, table: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`The document has no ${BEGIN} … ${END}.`);
  return `${document.slice(0, begin + BEGIN.length)}\n${table}\n${document.slice(end)}`;
}
