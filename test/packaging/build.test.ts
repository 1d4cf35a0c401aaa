import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

const out = mkdtempSync(join(tmpdir(), 'distributary-build-'));

afterAll(() => rmSync(out, { recursive: true }));

/** Builds packages into `out`. Fails where the report of a public surface is not that of the sources. */
const build = (...names: readonly string[]) =>
  spawnSync(process.execPath, ['packaging/build.ts', '--check', '--out', out, ...names], {
    cwd: ROOT,
    encoding: 'utf8',
  });

const textOf = (file: string): string => readFileSync(join(out, file), 'utf8');

describe('the built client', () => {
  let built: ReturnType<typeof build>;

  beforeAll(() => {
    built = build('client');
  });

  it('has the surface of client/client.api.md: `npm run build` writes a change of it', () => {
    expect(built.stderr).toBe('');
    expect(built.status).toBe(0);
  });

  it('is one module and its chunk for HTTP with their maps, its declarations, package.json and README', () => {
    const [chunk, map, ...others] = readdirSync(join(out, 'client/chunks')).toSorted();
    expect([chunk, map, others]).toEqual([expect.stringMatching(/^http-socket-\w+\.js$/), `${chunk}.map`, []]);
    expect(readdirSync(join(out, 'client')).toSorted()).toEqual([
      'README.md',
      'chunks',
      'index.d.ts',
      'index.js',
      'index.js.map',
      'package.json',
    ]);
  });

  it('imports nothing but its chunk for HTTP, in its code and in its declarations', () => {
    const [chunk = ''] = readdirSync(join(out, 'client/chunks')).toSorted();
    const [before, after, ...others] = textOf('client/index.js').split(`import("./chunks/${chunk}")`);
    expect(others).toEqual([]);
    for (const code of [before, after, textOf(`client/chunks/${chunk}`)])
      expect(code).not.toMatch(/\bimport\b[ (]|\bfrom\s*["']/);
    expect(textOf('client/index.d.ts')).not.toMatch(/\bimport\b|\bfrom '|\.ts'/);
  });

  it('names no path outside of the package', () => {
    const { sources }: { readonly sources: readonly string[] } = JSON.parse(textOf('client/index.js.map'));

    expect(sources.filter((path) => path.startsWith('..') || path.startsWith('/'))).toEqual([]);
    expect(textOf('client/README.md')).not.toMatch(/\]\(\.\.\//);
  });

  it('says what it exports and needs, and that it has no side effects', () => {
    expect(JSON.parse(textOf('client/package.json'))).toEqual({
      name: '@distributary/client',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      description: expect.any(String),
      type: 'module',
      sideEffects: false,
      exports: { '.': { types: './index.d.ts', default: './index.js' }, './package.json': './package.json' },
      files: ['chunks', 'index.d.ts', 'index.js', 'index.js.map'],
      engines: { node: '>=22' },
    });
  });

  it('runs as it is', () => {
    const script = `import { connect } from ${JSON.stringify(join(out, 'client/index.js'))}; console.log(typeof connect);`;

    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })).toBe(
      'function\n',
    );
  });
});

describe('the built command line', () => {
  let built: ReturnType<typeof build>;

  beforeAll(() => {
    built = build('distributary');
  });

  it('has the command, the programs of the runtime, the page with its script, and the files of a new app', () => {
    const files = ['cli/main.js', 'local/gateway/edge-process.js', 'local/lambda/bootstrap.js', 'web/page.js'];
    const copied = ['web/index.html', 'web/style.css', 'cli/template/base/cdk.json', 'cli/template/base/infra/app.ts'];

    expect(built.stderr).toBe('');
    expect([...files, ...copied].filter((file) => !existsSync(join(out, 'distributary', file)))).toEqual([]);
    expect(textOf('distributary/cli/main.js')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('has the program of the execution environments as one file, which a process gets as a text', () => {
    expect(textOf('distributary/local/lambda/bootstrap.js')).not.toMatch(/from\s*"\./);
  });

  it('needs what its code imports or finds by its path, in the versions that this repository pins', () => {
    const { bin, dependencies, optionalDependencies } = JSON.parse(textOf('distributary/package.json'));
    const local = JSON.parse(readFileSync(join(ROOT, 'local/package.json'), 'utf8'));

    expect(bin).toEqual({ distributary: 'cli/main.js' });
    expect(dependencies).toMatchObject({ esbuild: local.dependencies.esbuild, fauxqs: local.dependencies.fauxqs });
    expect(optionalDependencies).toEqual(local.optionalDependencies);
  });
});

describe('the build', () => {
  it('names the packages that there are when it is asked for another one', () => {
    expect(build('clients').stderr).toMatch(/No package clients\. There are: client/);
  });
});
