import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../../helpers/eventually.ts';
import { LambdaFixture } from './lambda-fixture.ts';

describe('The image of a function', () => {
  let fixture: LambdaFixture;

  beforeEach(() => {
    fixture = new LambdaFixture();
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  /** Writes a file, and the folders above it. */
  function write(directory: string, file: string, text: string): void {
    mkdirSync(join(directory, file, '..'), { recursive: true });
    writeFileSync(join(directory, file), text);
  }

  /** Returns the result of a function of these files, the first of which is its own. */
  async function run(code: string, more: Readonly<Record<string, string>> = {}, file = 'index.js') {
    const fn = fixture.fn(code, { file });
    for (const [name, text] of Object.entries(more)) write(fn.codeDirectory, name, text);
    return fixture.pool([fn]).invoke(fn.arn, {});
  }

  test.each([
    ['index.js', 'exports.handler = async () => typeof require("@aws-sdk/client-s3").S3Client;'],
    ['index.mjs', 'import { S3Client } from "@aws-sdk/client-s3"; export const handler = async () => typeof S3Client;'],
  ])('brings the SDK along: %s, %s', async (file, code) => {
    const result = await run(code, {}, file);

    expect(result).toMatchObject({ payload: 'function' });
  });

  test('of the function has its own copy of the SDK first', async () => {
    const own = { 'node_modules/@aws-sdk/client-s3/index.js': 'exports.S3Client = "own";' };

    const result = await run('exports.handler = async () => require("@aws-sdk/client-s3").S3Client;', own);

    expect(result).toMatchObject({ payload: 'own' });
  });

  test.each([
    ['index.js', 'require("above"); exports.handler = 1;', /^Error: Cannot find module 'above'\nRequire stack:/],
    ['index.mjs', 'import "above"; export const handler = 1;', /^Cannot find package 'above' imported from /],
  ])('ends at its folder: a package above is not found, by %s', async (file, code, errorMessage) => {
    write(fixture.directory, 'node_modules/above/index.js', 'exports.found = 1;');

    const result = await run(code, {}, file);

    expect(result).toMatchObject({ outcome: 'function-error', errorMessage: expect.stringMatching(errorMessage) });
  });

  test('finds the packages of its folder from every file, and files of its root by their path', async () => {
    const files = {
      'node_modules/inside/index.js': 'module.exports = require("deeper") + 1;',
      'node_modules/deeper/index.js': 'module.exports = 1;',
      'lib/a/b.js': 'module.exports = require("inside") + require("lib/c");',
      'lib/c.js': 'module.exports = 10;',
    };

    const result = await run('exports.handler = async () => require("./lib/a/b.js");', files);

    expect(result).toMatchObject({ payload: 12 });
  });

  test.each(['module', 'commonjs'])('has files of both kinds, whatever type is above: %s', async (type) => {
    write(fixture.directory, 'package.json', JSON.stringify({ type }));
    const files = {
      'lib/module.js': 'import { two } from "./common.js"; export const three = two + 1;',
      'lib/common.js': 'exports.one = 1; exports.two = require("./circle.js").one + 1;',
      'lib/circle.js': 'exports.one = require("./common.js").one;',
    };

    const result = await run('exports.handler = async () => (await import("./lib/module.js")).three;', files);

    expect(result).toMatchObject({ payload: 3 });
  });

  test('calls the handler as a method of the runtime', async () => {
    const result = await run('exports.handler = async function () { return typeof this.handler; };');

    expect(result).toMatchObject({ payload: 'function' });
  });

  test('has nothing of the developer, and a folder for temporary files that ends with the environment', async () => {
    const fn = fixture.fn(`export const handler = async () => {
      const { homedir, tmpdir } = await import('node:os');
      const { PATH, HOME, LANG, PWD } = process.env;
      return { homedir: homedir(), tmpdir: tmpdir(), PATH, HOME, LANG, PWD };
    };`);
    const pool = fixture.pool([fn]);

    const result = await pool.invoke(fn.arn, {});
    const { tmpdir = '', ...others } = result.outcome === 'success' ? Object(result.payload) : {};
    const existed = existsSync(tmpdir);
    const [environment] = pool.environments();
    process.kill(environment?.pid ?? 0, 'SIGKILL');
    await pool.close();

    expect(others).toEqual({
      homedir: '/home/sbx_user1051',
      HOME: '/home/sbx_user1051',
      LANG: 'en_US.UTF-8',
      PWD: fn.codeDirectory,
      PATH: expect.stringMatching(/:\/usr\/local\/bin:\/usr\/bin\/:\/bin:\/opt\/bin$/),
    });
    expect(existed).toBe(true);
    await eventually(() => expect(existsSync(tmpdir)).toBe(false));
  });
});

describe('A handler of nodejs22.x', () => {
  let fixture: LambdaFixture;

  beforeEach(() => {
    fixture = new LambdaFixture();
  });

  afterEach(async () => {
    await fixture.dispose();
  });

  test.each<[string, string, object]>([
    ['a callback', '(event, context, callback) => callback(null, "called")', { payload: 'called' }],
    ['context.succeed', '(event, context) => context.succeed("succeeded")', { payload: 'succeeded' }],
    [
      'context.done, later',
      '(event, context) => { setTimeout(() => context.done(null, "done"), 5); }',
      { payload: 'done' },
    ],
    ['nothing', '() => "lost"', { payload: null }],
    ['a promise', '() => Promise.resolve("kept")', { payload: 'kept' }],
    ['the first of two answers', '(e, c, callback) => { callback(null, 1); c.succeed(2); }', { payload: 1 }],
    ['an error of the callback', '(e, c, callback) => callback(new TypeError("no"))', { errorType: 'TypeError' }],
    ['context.fail with a text', '(e, c) => c.fail("no")', { errorType: 'string', errorMessage: 'no' }],
    ['an error that it throws', '() => { throw new RangeError("no"); }', { errorType: 'RangeError' }],
  ])('may answer by %s', async (_what, handler, expected) => {
    const fn = fixture.fn(`exports.handler = ${handler};`, { file: 'index.js', runtime: 'nodejs22.x' });

    const result = await fixture.pool([fn]).invoke(fn.arn, {});

    expect(result).toMatchObject(expected);
  });

  test.each([
    ['', ['timer', 'timer']],
    ['c.callbackWaitsForEmptyEventLoop = false;', ['no timer', 'no timer']],
  ])('answers by a callback when the event loop is empty, unless it says otherwise: %s', async (setting, expected) => {
    const code = `let seen = 'no timer';
      exports.handler = (e, c, callback) => {
        ${setting}
        setTimeout(() => { seen = 'timer'; }, 300);
        callback(null, { toJSON: () => seen });
      };`;
    const fn = fixture.fn(code, { file: 'index.js', runtime: 'nodejs22.x' });
    const pool = fixture.pool([fn]);

    const results = [await pool.invoke(fn.arn, {}), await pool.invoke(fn.arn, {})];

    expect(results.map((result) => 'payload' in result && result.payload)).toEqual(expected);
  });
});
