import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { ASYNCAPI } from '../../../cli/commands/asyncapi.ts';
import { OperatorError, UsageError } from '../../../cli/operator-error.ts';
import { createOutput } from '../../../cli/output.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** A schema as a library writes it, with or without a JSON Schema. */
const SCHEMA = `const schema = (jsonSchema) => ({ '~standard': {
  version: 1, vendor: 'test', validate: (value) => ({ value }),
  ...(jsonSchema === undefined ? {} : { jsonSchema: { input: () => jsonSchema } }),
} });`;

function textStream() {
  const texts: string[] = [];
  const stream = new Writable({ write: (chunk, _, done) => done(void texts.push(String(chunk))) });
  return { stream, text: () => texts.join('') };
}

/** Runs the command; nothing of it may ask a stack. */
async function run(positionals: readonly string[], { title, json = false }: { title?: string; json?: boolean } = {}) {
  const [stdout, stderr] = [textStream(), textStream()];
  const code = await ASYNCAPI.run({
    positionals,
    values: title === undefined ? {} : { title },
    output: createOutput({ json, stdout: stdout.stream, stderr: stderr.stream }),
    backend: () => Promise.reject(new Error('no stack')),
    interrupted: new AbortController().signal,
    confirm: () => Promise.resolve(false),
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** Writes a module, and returns its path. */
function written(name: string, source: string): string {
  const file = join(directory.path, `${name.replaceAll(' ', '-')}.mjs`);
  writeFileSync(file, `${SCHEMA}\n${source}`);
  return file;
}

describe('distributary asyncapi', () => {
  it('prints the document of the topics that a module exports', async () => {
    const file = written('whole', "export const topics = { news: schema({ type: 'string' }) };");

    const { code, stdout, stderr } = await run([file], { title: 'Shop' });
    const { stdout: json } = await run([file], { title: 'Shop', json: true });

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
    const file = written('part', 'export default { news: schema(), price: schema({}) };');

    const { code, stdout, stderr } = await run([file]);

    expect(code).toBe(1);
    expect(Object.keys(JSON.parse(stdout).channels)).toEqual(['news', 'price']);
    expect(stderr).toContain('news is not described: test writes no JSON Schema by itself');
    expect(stderr).not.toContain('price is not described');
  });

  it('asks the module for the JSON Schema of a library that writes none', async () => {
    const source = "export const topics = { news: schema() };\nexport const toJsonSchema = () => ({ type: 'number' });";

    const { code, stdout } = await run([written('helped', source)]);

    expect([code, JSON.parse(stdout).components.schemas.news]).toEqual([0, { type: 'number' }]);
  });

  it.each([
    ['a module without definitions', 'export const other = 1;', 'exports no definitions of topics'],
    ['a module that throws', "throw new Error('no luck');", 'cannot be imported: no luck'],
    ['a key that is no pattern', "export const topics = { 'a/*/b': schema() };", 'is not a topic pattern'],
  ])('refuses %s with a sentence for the operator', async (name, source, sentence) => {
    const running = run([written(name, source)]);

    await expect(running).rejects.toThrow(OperatorError);
    await expect(running).rejects.toThrow(sentence);
  });

  it('refuses no module, and one that is not there', async () => {
    await expect(run([])).rejects.toThrow(UsageError);
    await expect(run(['nowhere.mjs'])).rejects.toThrow('There is no file nowhere.mjs.');
  });
});
