import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES, writeApp } from '../../../cli/new-app.ts';
import { OperatorError } from '../../../cli/operator-error.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const ROOT = join(import.meta.dirname, '../../..');

interface Manifest {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

describe('a new app', () => {
  let folder: ReturnType<typeof temporaryDirectory>;

  beforeEach(() => {
    folder = temporaryDirectory();
  });
  afterEach(() => folder.remove());

  const write = (name: string, packages?: string, example?: string): string => {
    const directory = join(folder.path, name);
    writeApp({ directory, version: '1.2.3', packages, example });
    return directory;
  };

  it('has a stack, a page, a test and what npm and git need', () => {
    const app = write('live');

    expect(readdirSync(app).toSorted()).toEqual(
      ['.gitignore', 'README.md', 'cdk.json', 'infra', 'package.json', 'page', 'test', 'tsconfig.json'].toSorted(),
    );
    expect(readFileSync(join(app, '.gitignore'), 'utf8')).toContain('node_modules/');
  });

  it.each([
    ['my-chat', 'my-chat', 'MyChat'],
    ['My Chat', 'my-chat', 'MyChat'],
    ['2fast', '2fast', 'App2fast'],
    ['日本', 'live', 'Live'],
  ])('in the folder %j is called %s, and its stack %s', (directory, name, stack) => {
    const app = write(directory);
    const texts = ['README.md', 'infra/app.ts', 'page/index.html'].map((file) => readFileSync(join(app, file), 'utf8'));

    expect(manifestOf(app).name).toBe(name);
    expect(texts[0]).toContain(`# ${name}\n`);
    expect(texts[1]).toContain(`new Stack(app, '${stack}')`);
    expect(texts[2]).toContain(`<h1>${name}</h1>`);
    expect(texts.join('')).not.toMatch(/APP_NAME|STACK_NAME/);
  });

  it('takes the packages of this project in the version of this one, and the others as this repository pins them', () => {
    const manifests = ['react', ''].map((folder) => manifestOf(join(ROOT, folder)));
    const pins = manifests.map(({ dependencies, devDependencies }) => ({ ...dependencies, ...devDependencies }));
    const pinned: Readonly<Record<string, string>> = Object.assign({}, ...pins);
    const isOurs = (name: string): boolean => /^(@distributary\/.*|distributary)$/.test(name);

    for (const example of [undefined, ...EXAMPLES]) {
      const { dependencies, devDependencies } = manifestOf(write(`live-${example}`, undefined, example));
      const all = { ...dependencies, ...devDependencies };
      const expected = Object.keys(all).map((name) => [name, isOurs(name) ? '^1.2.3' : pinned[name]]);
      expect(all).toEqual(Object.fromEntries(expected));
    }
  });

  it.each(EXAMPLES)('begins with the example %s: its files over those of every app, and its packages', (example) => {
    const app = write('answers', undefined, example);
    const { scripts, dependencies } = manifestOf(app);

    expect(existsSync(join(app, 'infra/app.ts')) && existsSync(join(app, '.gitignore'))).toBe(true);
    expect(readFileSync(join(app, 'README.md'), 'utf8')).not.toMatch(/APP_NAME/);
    expect(scripts).toMatchObject({ start: expect.any(String), test: expect.any(String) });
    expect(Object.keys(dependencies)).toContain('@distributary/client');
  });

  it('names the examples when it is asked for another one', () => {
    expect(() => write('live', undefined, 'chess')).toThrow(
      'There is no example chess. There is: chat, counters, dashboard, token-stream.',
    );
    expect(existsSync(join(folder.path, 'live'))).toBe(false);
  });

  it('takes tarballs of a folder instead', () => {
    const names = ['distributary', 'distributary-client', 'distributary-cdk'];
    for (const name of names) writeFileSync(join(folder.path, `${name}-1.2.3.tgz`), '');

    const { dependencies, devDependencies } = manifestOf(write('live', folder.path));

    expect(dependencies['@distributary/client']).toBe(`file:${folder.path}/distributary-client-1.2.3.tgz`);
    expect(devDependencies['distributary']).toBe(`file:${folder.path}/distributary-1.2.3.tgz`);
  });

  it('is not begun where a tarball is missing, and the error says how to make it', () => {
    expect(() => write('live', folder.path)).toThrow(OperatorError);
    expect(() => write('live', folder.path)).toThrow(/There is no .*-1\.2\.3\.tgz\. .*npm pack/);
    expect(existsSync(join(folder.path, 'live'))).toBe(false);
  });

  it('takes an empty folder, and refuses one with files, and a file', () => {
    mkdirSync(join(folder.path, 'empty'));
    write('empty');
    writeFileSync(join(folder.path, 'file'), '');

    expect(() => write('empty')).toThrow(/empty is not empty: name a new folder/);
    expect(() => write('file')).toThrow(/file is a file: name a new folder/);
  });
});
