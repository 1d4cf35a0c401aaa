import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** A heading and what follows it, up to the next one of any level. */
export interface Section {
  readonly heading: string;
  readonly level: number;
  readonly lines: readonly string[];
}

export interface Row {
  /** The texts in backticks of the first cell. */
  readonly names: readonly string[];
  readonly cells: readonly string[];
}

/**
 * Returns the paths of all Markdown files of the project, relative to its root. The files of new apps are none of it.
 */
export const markdownFiles = (): readonly string[] =>
  globSync('**/*.md', {
    cwd: ROOT,
    exclude: (name) => /^(node_modules|cdk\.out|coverage|dist|template|\..+)$/.test(name),
  }).toSorted();

/** Returns the text of a document; empty when it does not exist, so that a test reports what is missing. */
export function readDocument(path: string): string {
  const file = join(ROOT, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Returns the sections of a document. Lines of code blocks are not headings. */
export function sectionsOf(text: string): readonly Section[] {
  const sections: { heading: string; level: number; lines: string[] }[] = [];
  for (const line of withoutCode(text).split('\n')) {
    const [, marks, heading] = /^(#{1,6}) (.*)$/.exec(line) ?? [];
    if (marks !== undefined && heading !== undefined) sections.push({ heading, level: marks.length, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

/** Returns the sections whose heading matches, each with all sections below it. */
export function sectionsUnder(text: string, heading: RegExp): readonly Section[] {
  let level = 0;
  return sectionsOf(text).filter((section) => {
    if (level > 0 && section.level > level) return true;
    level = heading.test(section.heading) ? section.level : 0;
    return level > 0;
  });
}

/** Returns the rows that name something, of all tables in the sections, without the tables' heads. */
export function rowsOf(sections: readonly Section[]): readonly Row[] {
  const lines = sections.flatMap(({ lines: own }) => own);
  const isHead = (index: number): boolean => /^\|[-|: ]+$/.test(lines[index + 1] ?? '');
  const rows = lines.filter((line, index) => line.startsWith('|') && !isHead(index)).map(rowOf);
  return rows.filter(({ names }) => names.length > 0);
}

function rowOf(line: string): Row {
  const cells = line.split(/(?<!\\)\|/).slice(1, -1);
  return { cells: cells.map((cell) => cell.trim()), names: namesIn(cells[0] ?? '') };
}

/** Returns the texts in backticks. */
export const namesIn = (text: string): readonly string[] =>
  Array.from(text.matchAll(/`([^`]+)`/g), ([, name]) => name ?? '');

/** Returns the document without its code blocks. */
export const withoutCode = (text: string): string => text.replaceAll(/^```[^]*?^```$/gm, '');
