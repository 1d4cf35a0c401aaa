import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

const NOTE = 'Written by `npm run docs` from the headings of these documents. Do not edit.';

/** The documents whose headings say nothing of their contents. */
const UNTOPICAL = /^(docs\/adr\/|CHANGELOG)/;

/** The sections of llms.txt, each with its documents. */
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  Start: ['README.md', 'CONTRIBUTING.md', 'AGENTS.md', 'docs/glossary.md'],
  Documents: documentsIn('docs').filter((path) => path !== 'docs/glossary.md'),
  'Client library': ['client/README.md'],
  Decisions: documentsIn('docs/adr').filter((path) => path !== 'docs/adr/README.md'),
  Optional: ['CHANGELOG.md', 'SECURITY.md'],
};

const [path = join(ROOT, 'llms.txt')] = process.argv.slice(2);
writeFileSync(path, llmsText());

/** Returns the text of llms.txt, in the form of llmstxt.org: title, summary, and a list of links for each section. */
function llmsText(): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [title = '', summary = ''] = readme.split('\n\n');
  const lists = Object.entries(SECTIONS).map(([name, paths]) => [`## ${name}`, paths.map(linkOf).join('\n')]);
  return `${[title, `> ${summary.replaceAll('\n', ' ')}`, NOTE, ...lists.flat()].join('\n\n')}\n`;
}

/** Returns the link to a document: its title, and what its sections are about. */
function linkOf(document: string): string {
  const headings = headingsOf(readFileSync(join(ROOT, document), 'utf8'));
  const [title = document] = headingsAt(headings, '#');
  const topics = UNTOPICAL.test(document) ? [] : headingsAt(headings, '##');
  return `- [${title}](${document})${topics.length === 0 ? '' : `: ${topics.join('; ')}`}`;
}

/** Returns the lines of a document that are headings; code blocks have none. */
function headingsOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, '');
  return prose.split('\n').filter((line) => /^#+ /.test(line));
}

/** Returns the texts of the headings of one level, which their marks name. */
function headingsAt(headings: readonly string[], marks: string): readonly string[] {
  return headings.flatMap((line) => (line.startsWith(`${marks} `) ? [line.slice(marks.length + 1)] : []));
}

/** Returns the paths of the Markdown files of a folder, in the order of their names. */
function documentsIn(folder: string): readonly string[] {
  const files = readdirSync(join(ROOT, folder)).filter((file) => file.endsWith('.md'));
  return files.toSorted().map((file) => `${folder}/${file}`);
}
