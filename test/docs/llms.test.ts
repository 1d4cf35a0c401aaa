import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markdownFiles, ROOT, readDocument } from './markdown.ts';

const committed = readDocument('llms.txt');
const links = Array.from(committed.matchAll(/^- \[[^\]]+\]\(([^)]+)\)/gm), ([, path]) => path ?? '');

describe('llms.txt', () => {
  it('is what `npm run docs` writes today', () => {
    const directory = mkdtempSync(join(tmpdir(), 'distributary-docs-'));
    const file = join(directory, 'llms.txt');

    const { status, stderr } = spawnSync(process.execPath, ['docs/write-llms.ts', file], {
      cwd: ROOT,
      encoding: 'utf8',
    });

    const written = status === 0 ? readFileSync(file, 'utf8') : stderr;
    rmSync(directory, { recursive: true });
    expect(committed).toBe(written);
  });

  it('has the form of llmstxt.org: a title, a summary, and sections of links', () => {
    const [title, blank, summary, ...rest] = committed.split('\n');

    expect(title).toBe('# Distributary');
    expect(blank).toBe('');
    expect(summary).toMatch(/^> \S.*\.$/);
    const others = rest.filter((line) => line !== '' && !line.startsWith('## ') && !line.startsWith('- ['));
    expect(others).toEqual([expect.stringContaining('npm run docs')]);
  });

  it('links to every document of docs/, and only to files that exist', () => {
    const documents = markdownFiles().filter((file) => file.startsWith('docs/') && file !== 'docs/adr/README.md');

    expect(documents.filter((file) => !links.includes(file))).toEqual([]);
    expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(new Set(links).size).toBe(links.length);
  });
});
