import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../helpers/command.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** A schema as a library writes it, with or without a JSON Schema. */
const SCHEMA = `const schema = (jsonSchema) => ({ '~standard': {
  version: 1, vendor: 'test', validate: (value) => ({ value }),
  ...(jsonSchema === undefined ? {} : { jsonSchema: { input: () => jsonSchema } }),
} });`;

/** Writes a module, and runs the command on it. */
function runOn(name: string, source: string, ...options: readonly string[]) {
  const file = join(directory.path, `${name}.mjs`);
  writeFileSync(file, `${SCHEMA}\n${source}`);
  return runCommand(1, 'asyncapi', file, ...options);
}

describe('distributary asyncapi', () => {
  it('prints the document of the topics that a module exports', async () => {
    const source = "export const topics = { news: schema({ type: 'string' }) };";

    const { code, stdout, stderr } = await runOn('whole', source, '--title', 'Shop');
    const { stdout: json } = await runOn('whole', source, '--title', 'Shop', '--json');

    expect([code, stderr]).toEqual([0, '']);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      asyncapi: '3.1.0',
      info: { title: 'Shop' },
      servers: { live: { host: '127.0.0.1:4000', protocol: 'ws', pathname: '/live' } },
      channels: { news: { address: 'news' } },
      components: { schemas: { news: { type: 'string' } } },
    });
    expect(JSON.parse(json)).toEqual(document);
  });

  it('names what it cannot describe, and fails', async () => {
    const { code, stdout, stderr } = await runOn('part', 'export default { news: schema(), price: schema({}) };');

    expect(code).toBe(1);
    expect(Object.keys(JSON.parse(stdout).channels)).toEqual(['news', 'price']);
    expect(stderr).toContain('news is not described: test writes no JSON Schema by itself');
    expect(stderr).not.toContain('price is not described');
  });

  it('asks the module for the JSON Schema of a library that writes none', async () => {
    const source = "export const topics = { news: schema() };\nexport const toJsonSchema = () => ({ type: 'number' });";

    const { code, stdout } = await runOn('helped', source);

    expect([code, JSON.parse(stdout).components.schemas.news]).toEqual([0, { type: 'number' }]);
  });

  it.each([
    ['a module without definitions', 'export const other = 1;', 1, 'exports no definitions of topics'],
    ['a module that throws', "throw new Error('no luck');", 1, 'cannot be imported: no luck'],
    ['a key that is no pattern', "export const topics = { 'a/*/b': schema() };", 1, 'is not a topic pattern'],
  ])('refuses %s with one sentence', async (name, source, exitCode, sentence) => {
    const { code, stderr, stdout } = await runOn(name.replaceAll(' ', '-'), source);

    expect([code, stdout]).toEqual([exitCode, '']);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('refuses no module, and one that is not there', async () => {
    const [none, missing] = [await runCommand(1, 'asyncapi'), await runCommand(1, 'asyncapi', 'nowhere.mjs')];

    expect([none.code, missing.code]).toEqual([2, 1]);
    expect(missing.stderr).toContain('There is no file nowhere.mjs.');
  });
});
