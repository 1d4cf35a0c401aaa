import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limitsIn, listLimits } from '../../docs/limit-tags.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { readDocument, ROOT } from './markdown.ts';

const COMMAND = join(ROOT, 'docs/write-limits.ts');

describe('docs/limits.md', () => {
  it('is what `npm run docs` writes from the constants', () => {
    const folder = mkdtempSync(join(tmpdir(), 'distributary-limits-'));
    const path = join(folder, 'limits.md');

    execFileSync(process.execPath, [COMMAND, path]);

    const written = readFileSync(path, 'utf8');
    rmSync(folder, { recursive: true });
    expect(readDocument('docs/limits.md')).toBe(written);
  });

  it('has every limit of the wire', () => {
    const listed = listLimits().filter(({ file }) => file === 'shared/protocol/limits.ts');

    const values = Object.entries(LIMITS).map(([name, value]) => `${name}=${value.toLocaleString('en')}`);
    expect(listed.map(({ name, value }) => `${name}=${value}`)).toEqual(values);
  });

  it('says of each limit what it is, and names none twice in one file', () => {
    const limits = listLimits();

    expect(limits.filter(({ text }) => text.length < 20)).toEqual([]);
    expect(new Set(limits.map(({ file, name }) => `${file} ${name}`)).size).toBe(limits.length);
  });
});

describe('a tagged constant', () => {
  it('is found with its computed value, alone or in an object', () => {
    const source = `
      /** Time in ms. @limit client */
      export const A_MS = 15 * 60_000 + 900;
      const GROUP = {
        /**
         * A share
         * of all.
         * @limit operator
         */
        share: 0.25,
      };`;

    expect(limitsIn(source, 'a.ts')).toEqual([
      { audience: 'client', name: 'A_MS', value: '900,900', text: 'Time in ms.', file: 'a.ts' },
      { audience: 'operator', name: 'share', value: '0.25', text: 'A share of all.', file: 'a.ts' },
    ]);
  });

  it('may be the field of an interface, with the value of the object that follows', () => {
    const source = `
      interface Limits {
        /** Bytes of a message. @limit operator */
        readonly messageBytes: number;
      }
      const DEFAULTS: Limits = {
        messageBytes: 128 * 1_024,
      };`;

    expect(limitsIn(source, 'a.ts')).toMatchObject([{ name: 'messageBytes', value: '131,072' }]);
  });

  it('may not be anything but a constant', () => {
    expect(() => limitsIn('/** A function. @limit client */\nfunction f() {}', 'a.ts')).toThrow('without a constant');
  });
});
