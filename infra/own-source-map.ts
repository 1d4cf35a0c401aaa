/** The fields of a source map that are read here. */
interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CONTINUED = 32;
const FIELDS = [0, 1, 2, 3] as const;

/** The running values of a segment's fields: column, source, line in the source, column in the source. */
type SegmentFields = [column: number, source: number, line: number, sourceColumn: number];

/**
 * Returns a source map without the mappings of packages. Node reads the map at every cold start, and packages make up
 * nine tenths of it. A stack frame in a package shows its place in the bundle instead.
 */
export function ownSourceMap(text: string): string {
  const map: SourceMap = JSON.parse(text);
  const sources = map.sources.filter(isOwn);
  const ownIndexOf = map.sources.map((source) => (isOwn(source) ? sources.indexOf(source) : undefined));
  return JSON.stringify({ version: 3, sources, mappings: keepOwn(map.mappings, ownIndexOf), names: [] });
}

const isOwn = (source: string): boolean => !source.includes('node_modules/') && source.endsWith('.ts');

function keepOwn(mappings: string, ownIndexOf: readonly (number | undefined)[]): string {
  const read: SegmentFields = [0, 0, 0, 0];
  const written: SegmentFields = [0, 0, 0, 0];
  const lines = mappings.split(';').map((line) => {
    read[0] = written[0] = 0;
    return keepOwnOfLine(line, ownIndexOf, { read, written });
  });
  return lines.join(';');
}

interface State {
  readonly read: SegmentFields;
  readonly written: SegmentFields;
}

function keepOwnOfLine(line: string, ownIndexOf: readonly (number | undefined)[], { read, written }: State): string {
  const kept: string[] = [];
  let wasOwn = false;
  for (const segment of line === '' ? [] : line.split(',')) {
    const fields = decode(segment);
    for (const field of FIELDS) read[field] += fields[field] ?? 0;
    const source = fields.length > 1 ? ownIndexOf[read[1]] : undefined;
    // A segment without a source ends the one before it.
    if (source !== undefined) kept.push(encodeStep(written, [read[0], source, read[2], read[3]]));
    else if (wasOwn) kept.push(encodeStep(written, [read[0]]));
    wasOwn = source !== undefined;
  }
  return kept.join(',');
}

function encodeStep(written: SegmentFields, to: readonly number[]): string {
  let text = '';
  for (const field of FIELDS) {
    const value = to[field];
    if (value === undefined) break;
    text += encode(value - written[field]);
    written[field] = value;
  }
  return text;
}

/** Encodes a number as base-64 VLQ: digits of five bits, the lowest first; the lowest bit of all is the sign. */
function encode(value: number): string {
  let rest = value < 0 ? -value * 2 + 1 : value * 2;
  let text = '';
  do {
    const digit = rest % CONTINUED;
    rest = Math.floor(rest / CONTINUED);
    text += DIGITS.charAt(rest > 0 ? digit + CONTINUED : digit);
  } while (rest > 0);
  return text;
}

function decode(segment: string): number[] {
  const values: number[] = [];
  let value = 0;
  let factor = 1;
  for (const character of segment) {
    const digit = DIGITS.indexOf(character);
    value += (digit % CONTINUED) * factor;
    factor *= CONTINUED;
    if (digit >= CONTINUED) continue;
    values.push(value % 2 === 1 ? -(value - 1) / 2 : value / 2);
    value = 0;
    factor = 1;
  }
  return values;
}
