import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LambdaFixture } from './lambda-fixture.ts';

type Files = Readonly<Record<string, string>>;

describe('A function with layers', () => {
  let fixture: LambdaFixture;

  beforeEach(() => {
    fixture = new LambdaFixture();
    // As of a developer who runs the application in a project.
    write(fixture.directory, { 'node_modules/developers/index.js': 'module.exports = "of the developer";' });
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  function write(directory: string, files: Files): void {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(join(directory, file, '..'), { recursive: true });
      writeFileSync(join(directory, file), text);
    }
  }

  /** Returns the result of a function with these layers, the one that counts first. */
  async function run(code: string, layers: readonly Files[], file = 'index.js') {
    const directories = layers.map((files) => {
      const directory = mkdtempSync(join(fixture.directory, 'layer-'));
      write(directory, files);
      return directory;
    });
    const fn = fixture.fn(code, { file, layers: directories });
    return fixture.pool([fn]).invoke(fn.arn, {});
  }

  const tool = (code: string): Files => ({ 'nodejs/node_modules/tool/index.js': code });
  const USES_TOOL = 'const tool = require("tool"); exports.handler = async () => tool;';

  test('has the packages of a layer by require, and the files of it by /opt', async () => {
    const layer = { ...tool('module.exports = "tool";'), 'nodejs/own.js': 'exports.own = "own";' };

    const byName = await run(USES_TOOL, [layer]);
    const byPath = await run('exports.handler = async () => require("/opt/nodejs/own").own;', [layer]);

    expect([byName, byPath]).toMatchObject([{ payload: 'tool' }, { payload: 'own' }]);
  });

  test('prefers its own package to that of a layer, and that of a layer to the developer’s', async () => {
    const result = await run('exports.handler = async () => require("developers");', [
      { 'nodejs/node_modules/developers/index.js': 'module.exports = "of the layer";' },
    ]);

    expect(result).toMatchObject({ payload: 'of the layer' });
  });

  test('finds for a package of a layer those of the layers beside it, by require and by import', async () => {
    const other = { 'nodejs/node_modules/other/index.js': 'module.exports = "other";' };
    const byImport = { 'nodejs/all.mjs': 'export { default } from "other";' };

    const required = await run(USES_TOOL, [tool('module.exports = require("other");'), other]);
    const imported = await run('exports.handler = async () => (await import("/opt/nodejs/all.mjs")).default;', [
      byImport,
      other,
    ]);

    expect([required, imported]).toMatchObject([{ payload: 'other' }, { payload: 'other' }]);
  });

  test.each<[string, string, RegExp]>([
    ['a package', 'require("developers")', /^Error: Cannot find module 'developers'\nRequire stack:/],
    ['a file', 'require("../../../../outside.js")', /^Error: Cannot find module '\.\.\/\.\.\/\.\.\/\.\.\/outside\.js'/],
  ])('does not find %s of the developer for a package of a layer', async (_what, code, errorMessage) => {
    write(fixture.directory, { 'outside.js': 'module.exports = 1;' });

    const result = await run(USES_TOOL, [tool(`module.exports = ${code};`)]);

    expect(result).toMatchObject({ outcome: 'function-error', errorMessage: expect.stringMatching(errorMessage) });
  });

  test('does not find a package that is in no layer, nor a file above its folder', async () => {
    write(fixture.directory, { 'outside.mjs': 'export const found = 1;' });

    const packaged = await run('exports.handler = async () => require("developers");', [tool('')]);
    const file = await run('import "../outside.mjs"; export const handler = 1;', [], 'index.mjs');

    expect(packaged).toMatchObject({ errorMessage: expect.stringContaining("Cannot find module 'developers'") });
    expect(file).toMatchObject({ errorMessage: expect.stringContaining("Cannot find module '../outside.mjs'") });
  });

  test('does not find a package of a layer by import, which Lambda’s NODE_PATH does not serve', async () => {
    const result = await run('import "tool"; export const handler = 1;', [tool('module.exports = 1;')], 'index.mjs');

    expect(result).toMatchObject({ errorMessage: expect.stringContaining("Cannot find package 'tool'") });
  });

  test('brings the SDK along for a package of a layer', async () => {
    const result = await run(USES_TOOL, [tool('module.exports = typeof require("@aws-sdk/client-s3").S3Client;')]);

    expect(result).toMatchObject({ payload: 'function' });
  });

  test.each(['module', 'commonjs'])(
    'knows the files of a layer by their syntax, whatever type is above: %s',
    async (type) => {
      write(fixture.directory, { 'package.json': JSON.stringify({ type }) });

      const result = await run('exports.handler = async () => require("/opt/nodejs/own.js");', [
        { 'nodejs/own.js': 'module.exports = "own";' },
      ]);

      expect(result).toMatchObject({ payload: 'own' });
    },
  );
});
