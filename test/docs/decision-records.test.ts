import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readDocument, sectionsOf } from './markdown.ts';

const FOLDER = 'docs/adr';
const HEADINGS = ['Status', 'Context', 'Decision', 'Consequences'];
const STATUS = /\b(proposed|accepted|deprecated|superseded)\b/i;

const files = existsSync(join(ROOT, FOLDER)) ? readdirSync(join(ROOT, FOLDER)) : [];
const records = files.filter((file) => file !== 'README.md').toSorted();
const sectionsIn = (record: string) => sectionsOf(readDocument(join(FOLDER, record)));

describe('the decision records', () => {
  it('are numbered from 1 without holes', () => {
    const numbers = records.map((record) => /^(\d{4})-[a-z0-9-]+\.md$/.exec(record)?.[1] ?? record);

    expect(records.length).toBeGreaterThan(0);
    expect(numbers).toEqual(records.map((_, index) => String(index + 1).padStart(4, '0')));
  });

  it('each have a title with their number, a status, the context, the decision and its consequences', () => {
    const lacking = records.flatMap((record) => {
      const headings = sectionsIn(record).map(({ heading }) => heading);
      const titled = headings[0]?.startsWith(`${Number(record.slice(0, 4))}. `) === true;
      const missing = HEADINGS.filter((heading) => !headings.includes(heading));
      return titled && missing.length === 0 ? [] : [{ record, title: headings[0], missing }];
    });

    expect(lacking).toEqual([]);
  });

  it('each say of their status one word that means something, and something under every heading', () => {
    const wrong = records.filter((record) => {
      const sections = sectionsIn(record).filter(({ heading }) => HEADINGS.includes(heading));
      const status = sections.find(({ heading }) => heading === 'Status')?.lines.join(' ') ?? '';
      return !STATUS.test(status) || sections.some(({ lines }) => lines.join('').trim() === '');
    });

    expect(wrong).toEqual([]);
  });

  it('are all listed in docs/adr/README.md, which lists no other', () => {
    const listed = Array.from(
      readDocument(join(FOLDER, 'README.md')).matchAll(/\]\((\d{4}-[^)#]+)\)/g),
      ([, file]) => file ?? '',
    );

    expect([...new Set(listed)].toSorted()).toEqual(records);
  });
});
