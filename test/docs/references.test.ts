import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { markdownFiles, ROOT, readDocument, sectionsOf, withoutCode } from './markdown.ts';

const files = markdownFiles();

/** A pattern of `npm run x`, `npm test` and `npm start`; npm's own commands have other names. */
const COMMAND = /\bnpm (?:run ([\w:-]+)|(start|test)\b)/g;

/** A pattern of a Markdown link to something in this project. */
const LINK = /\]\((?!https?:|mailto:)([^)\s]+)\)/g;

/** Returns the anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

function leadsSomewhere(file: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? file : join(dirname(file), decodeURIComponent(path));
  if (!existsSync(join(ROOT, target))) return false;
  if (anchor === undefined || !target.endsWith('.md')) return true;
  return sectionsOf(readDocument(target)).some(({ heading }) => anchorOf(heading) === anchor);
}

describe('the documents', () => {
  it('are there', () => {
    const named = ['architecture', 'glossary', 'limits', 'protocol'].map((name) => `docs/${name}.md`);
    const expected = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'AGENTS.md', ...named];

    expect(expected.filter((file) => !files.includes(file))).toEqual([]);
  });

  it('name only scripts that exist', () => {
    const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    );

    const named = files.flatMap((file) =>
      Array.from(readDocument(file).matchAll(COMMAND), ([, run, short]) => ({ file, script: run ?? short ?? '' })),
    );
    expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
    expect(named.map(({ script }) => script)).toEqual(expect.arrayContaining(['start', 'test']));
  });

  it('link only to files and headings that exist', () => {
    const links = files.flatMap((file) =>
      Array.from(withoutCode(readDocument(file)).matchAll(LINK), ([, link]) => ({ file, link: link ?? '' })),
    );

    expect(links.filter(({ file, link }) => !leadsSomewhere(file, link))).toEqual([]);
  });
});
