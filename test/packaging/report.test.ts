import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** Copies of sources lie inside the repository, so that their imports resolve. */
const COPIES = join(ROOT, '.distributary');

/** Builds the copy of the client in a folder, and holds its surface against the report beside it. */
const SCRIPT = `import { declareTypes } from '${join(ROOT, 'packaging/declare-types.ts')}';
const [, folder] = process.argv;
const modules = { '.': folder + '/client/src/index.ts' };
const report = folder + '/client/client.api.md';
declareTypes({ source: 'client', platform: 'browser', modules, report }, { folder: process.cwd() + '/' + folder + '/out', keepsReport: true });
`;

describe('the report of the client’s public surface', () => {
  let copy: string;

  beforeEach(() => {
    mkdirSync(COPIES, { recursive: true });
    copy = mkdtempSync(join(COPIES, 'surface-'));
    mkdirSync(join(copy, 'out'));
    for (const part of ['shared', 'client/src', 'client/client.api.md']) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    }
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  const change = (file: string, before: string, after: string): void => {
    const text = readFileSync(join(copy, file), 'utf8');
    expect(text).toContain(before);
    writeFileSync(join(copy, file), text.replace(before, after));
  };

  const check = () =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', SCRIPT, relative(ROOT, copy)], {
      cwd: ROOT,
      encoding: 'utf8',
    });

  it('fits a change that nobody sees', () => {
    change('client/src/connect.ts', '\n/**', '\nconst UNSEEN = 1;\nvoid UNSEEN;\n\n/**');

    const { status, stderr } = check();

    expect([stderr, status]).toEqual(['', 0]);
  });

  it.each([
    ['a method', 'client/src/realtime.ts', 'disconnect(): void;', 'disconnect(reason?: string): void;'],
    ['a new export', 'client/src/index.ts', 'export {', 'export const surplus = 1;\nexport {'],
    ['an export that is gone', 'client/src/index.ts', "export { RealtimeError } from './realtime-error.ts';", ''],
    [
      'a type of another folder',
      'shared/topics/standard-schema.ts',
      'readonly message: string;',
      'readonly message?: string;',
    ],
  ])('refuses a change of %s', (...[, file, before, after]) => {
    change(file, before, after);

    const { status, stderr } = check();

    expect(stderr).toContain('client.api.md is not that of the sources: run npm run build.');
    expect(status).not.toBe(0);
  });
});
