import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BEHAVIOURS, SECTIONS } from '../twin/behaviours.ts';
import { fidelityDocument } from '../twin/fidelity.ts';

const ROOT = join(import.meta.dirname, '../..');

const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

describe('the table of what AWS does', () => {
  it('has for each behaviour either a test that exists or a reason', () => {
    const bad = BEHAVIOURS.filter(({ test, otherwise }) => {
      if (test === undefined) return otherwise === undefined;
      const [file, title] = test;
      return otherwise !== undefined || !textOf(`test/${file}`).includes(title);
    });

    expect(bad.map(({ number }) => number)).toEqual([]);
  });

  it('numbers the behaviours of each section from 1 without holes', () => {
    const numbers = Object.keys(SECTIONS).flatMap((section) =>
      BEHAVIOURS.filter(({ number }) => number.startsWith(`${section}.`)).map((_, at) => `${section}.${at + 1}`),
    );

    expect(BEHAVIOURS.map(({ number }) => number)).toEqual(numbers);
  });

  it('is what docs/fidelity.md says', () => {
    expect(textOf('docs/fidelity.md')).toBe(fidelityDocument());
  });
});
