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
  /** Texts in backticks of the first cell. */
  readonly names: readonly string[];
  readonly cells: readonly string[];
}

/** Every Markdown file of the project, relative to its root. */
export const markdownFiles = (): readonly string[] =>
  globSync('**/*.md', {
    cwd: ROOT,
    exclude: (name) => /^(node_modules|cdk\.out|coverage|\..+)$/.test(name),
  }).toSorted();

/** The text of a document; empty when it does not exist, so that a test tells what it lacks. */
export function readDocument(path: string): string {
  const file = join(ROOT, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** The sections of a document. Headings inside code blocks are none. */
export function sectionsOf(text: string): readonly Section[] {
  const sections: { heading: string; level: number; lines: string[] }[] = [];
  for (const line of withoutCode(text).split('\n')) {
    const [, marks, heading] = /^(#{1,6}) (.*)$/.exec(line) ?? [];
    if (marks !== undefined && heading !== undefined) sections.push({ heading, level: marks.length, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

/** The sections whose heading matches, each with all below it. */
export function sectionsUnder(text: string, heading: RegExp): readonly Section[] {
  let level = 0;
  return sectionsOf(text).filter((section) => {
    if (level > 0 && section.level > level) return true;
    level = heading.test(section.heading) ? section.level : 0;
    return level > 0;
  });
}

/** The rows of all tables in the sections that name something, without the tables' heads. */
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

/** Texts in backticks. */
export const namesIn = (text: string): readonly string[] =>
  Array.from(text.matchAll(/`([^`]+)`/g), ([, name]) => name ?? '');

/** The document without its code blocks. */
export const withoutCode = (text: string): string => text.replaceAll(/^```[^]*?^```$/gm, '');
