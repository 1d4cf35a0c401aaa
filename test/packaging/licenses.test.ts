import { readLicenses } from '../../packaging/license-list.ts';

const unknown = (): undefined => undefined;

describe('the licenses of what is installed for production', () => {
  it.each([
    ['one that is allowed', 'MIT', []],
    ['one of several that is', '(GPL-3.0-or-later OR MIT)', []],
    ['several that all are', 'Apache-2.0 AND MIT', []],
    ['one that is not', 'GPL-3.0-only', ['a 1.0.0: GPL-3.0-only']],
    ['several of which one is not', 'MIT AND CC-BY-NC-4.0', ['a 1.0.0: MIT AND CC-BY-NC-4.0']],
    ['none that is named', undefined, ['a 1.0.0: unknown']],
  ])('are judged by the list: %s', (_, license, refused) => {
    const locked = { version: '1.0.0', ...(license === undefined ? {} : { license }) };

    expect(readLicenses({ 'node_modules/a': locked }, unknown).refused).toEqual(refused);
  });

  it('are not those of development, nor of the project itself', () => {
    const license = 'GPL-3.0-only';
    const packages = {
      '': { license },
      client: { license },
      'node_modules/a': { license, dev: true },
      'node_modules/b': { license, devOptional: true },
      'node_modules/c': { link: true },
    };

    expect(readLicenses(packages, unknown)).toEqual({ counts: new Map(), refused: [] });
  });

  it('are what a package declares itself, where the lock file names none', () => {
    expect(readLicenses({ 'node_modules/a': {} }, () => 'MIT')).toEqual({ counts: new Map([['MIT', 1]]), refused: [] });
  });
});
