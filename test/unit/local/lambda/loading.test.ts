import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LambdaFixture } from './lambda-fixture.ts';

describe('The code of a function', () => {
  let fixture: LambdaFixture;

  beforeEach(() => {
    fixture = new LambdaFixture();
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  it.each([
    ['index.mjs', 'export const handler = async () => "loaded";'],
    ['index.cjs', 'exports.handler = async () => "loaded";'],
    ['index.js', 'exports.handler = async () => "loaded";'],
    ['index.js', 'export const handler = async () => "loaded";'],
    ['index.cjs', 'module.exports = ((e) => e)({ ["hand" + "ler"]: async () => "loaded" });'],
  ])('loads from %s: %s', async (file, code) => {
    const fn = fixture.fn(code, { file });
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ outcome: 'success', payload: 'loaded' });
  });

  it.each([['exports.handler = async () => "loaded";'], ['export const handler = async () => "loaded";']])(
    'is what it is, whatever a package.json above its folder says: %s',
    async (code) => {
      writeFileSync(join(fixture.directory, 'package.json'), '{ "type": "module" }');
      const fn = fixture.fn(code, { file: 'index.js' });

      const result = await fixture.pool([fn]).invoke(fn.arn, {});

      expect(result).toMatchObject({ outcome: 'success', payload: 'loaded' });
    },
  );

  it('may have its handler inside of an object', async () => {
    const fn = fixture.fn('export const api = { get: async () => "nested" };', { handler: 'index.api.get' });
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ payload: 'nested' });
  });

  it.each([
    ['no such file', 'Runtime.ImportModuleError', { code: '', handler: 'other.handler' }],
    ['a missing module', 'Runtime.ImportModuleError', { code: 'require("no-such-package")', file: 'index.cjs' }],
    ['no such export', 'Runtime.HandlerNotFound', { code: 'export const handle = 1;' }],
    ['a handler that is no function', 'Runtime.HandlerNotFound', { code: 'export const handler = 1;' }],
    ['a handler name without a dot', 'Runtime.MalformedHandlerName', { code: '', handler: 'index' }],
    ['a handler name that climbs', 'Runtime.MalformedHandlerName', { code: '', handler: '../index.handler' }],
    ['a mistake of syntax', 'Runtime.UserCodeSyntaxError', { code: 'export const = 1;' }],
    ['a callback', 'Runtime.CallbackHandlerDeprecated', { code: 'export const handler = async (a, b, c) => 1;' }],
    ['an error at load', 'TypeError', { code: 'null.x; export const handler = 1;' }],
    ['a promise that never settles', 'Runtime.NodeJsExit', { code: 'await new Promise(() => {});' }],
  ])('with %s fails with %s', async (_fault, errorType, { code, ...overrides }) => {
    const fn = fixture.fn(code, overrides);
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ outcome: 'function-error', errorType });
    expect(pool.environments()).toEqual([]);
  });

  it('maps the lines of errors by the source maps when the function asks for it', async () => {
    const fn = fixture.fn('export const handler = async () => process.sourceMapsEnabled;', {
      environment: { NODE_OPTIONS: '--enable-source-maps' },
    });
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});

    expect(result).toMatchObject({ payload: true });
  });

  it('has the heap that its memory allows', async () => {
    const code = `import v8 from 'node:v8';
      export const handler = async () => v8.getHeapStatistics().heap_size_limit / 2 ** 20;`;
    const small = fixture.fn(code, { memoryMb: 128 });
    const large = fixture.fn(code, { memoryMb: 1_024 });
    const pool = fixture.pool([small, large]);

    const smallMb = Object(await pool.invoke(small.arn, {})).payload;
    const largeMb = Object(await pool.invoke(large.arn, {})).payload;

    expect(smallMb).toBeLessThan(160);
    expect(largeMb).toBeGreaterThan(900);
  });
});
