import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** A doc comment of a source text. */
interface DocComment {
  /** The place of its first line, as `file:line`. */
  readonly place: string;
  /** The whole text in one line, without the asterisks. */
  readonly text: string;
  /** The places of its lines that are longer than 120 columns. */
  readonly overlong: readonly string[];
}

/** A name that a source text exports. */
export interface ExportedName {
  readonly file: string;
  /** The place of the export, as `file:line`. */
  readonly place: string;
  readonly name: string;
  readonly kind: 'type' | 'value';
  /** Whether a doc comment stands before the export. */
  readonly isDocumented: boolean;
}

/** The doc comments and the exported names of source texts. */
export interface Declarations {
  readonly comments: readonly DocComment[];
  readonly exports: readonly ExportedName[];
}

/** Width in columns of the widest line that a doc comment may have. */
const COLUMNS = 120;

/** The pattern of a doc comment. The character before it excludes a glob in a string. */
const COMMENT = /(?<![^\s({,;])\/\*\*(?![*/])(?<body>[\s\S]*?)\*\//g;

/** The pattern of an exported declaration. */
const EXPORT =
  /^export (?:declare )?(?:abstract )?(?<keyword>interface|type|class|enum|const|(?:async )?function\*?) (?<name>\w+)/gm;

/** Reads the declarations of the TypeScript files in folders, which are relative to the root of the project. */
export function readDeclarations(folders: readonly string[]): Declarations {
  const files = folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT, exclude: isForeign }))
    .toSorted();
  const all = files.map((file) => declarationsIn(readFileSync(join(ROOT, file), 'utf8'), file));
  return { comments: all.flatMap(({ comments }) => comments), exports: all.flatMap((each) => each.exports) };
}

/** Finds the declarations of one source text. An overload counts as documented if its first signature is. */
export function declarationsIn(source: string, file: string): Declarations {
  const matches = [...source.matchAll(COMMENT)];
  const ends = matches.map((match) => match.index + match[0].length);
  const exports = Array.from(source.matchAll(EXPORT), (match) => ({
    file,
    place: placeOf(source, match.index, file),
    name: match.groups?.['name'] ?? '',
    kind: kindOf(match.groups?.['keyword']),
    isDocumented: ends.some((end) => end <= match.index && isBlank(source.slice(end, match.index))),
  }));
  const firsts = exports.filter((each, index) => exports.findIndex((other) => isSameName(each, other)) === index);
  return { comments: matches.map((match) => commentOf(source, match, file)), exports: firsts };
}

/** Returns the exports whose name another file exports too, as the same kind. */
export const sharedNames = (exports: readonly ExportedName[]): readonly ExportedName[] =>
  exports.filter((each) => exports.some((other) => other.file !== each.file && isSameName(each, other)));

const isForeign = (name: string): boolean => name === 'node_modules';

const isSameName = (one: ExportedName, other: ExportedName): boolean =>
  one.name === other.name && one.kind === other.kind;

const kindOf = (keyword = ''): ExportedName['kind'] => (/interface|type|class/.test(keyword) ? 'type' : 'value');

/** Whether a text between a comment and an export has nothing but line comments. */
const isBlank = (text: string): boolean => text.replaceAll(/^\s*\/\/.*$/gm, '').trim() === '';

const lineAt = (source: string, index: number): number => source.slice(0, index).split('\n').length;

const placeOf = (source: string, index: number, file: string): string => `${file}:${lineAt(source, index)}`;

function commentOf(source: string, { index, 0: whole, groups }: RegExpExecArray, file: string): DocComment {
  const first = lineAt(source, index);
  const lines = source.split('\n').slice(first - 1, lineAt(source, index + whole.length));
  return {
    place: `${file}:${first}`,
    text: (groups?.['body'] ?? '')
      .replaceAll(/^\s*\* ?/gm, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
    overlong: lines.flatMap((line, offset) => (line.length > COLUMNS ? [`${file}:${first + offset}`] : [])),
  };
}
