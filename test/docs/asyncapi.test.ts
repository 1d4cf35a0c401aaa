import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Parser } from '@asyncapi/parser';
import specifications from '@asyncapi/specs';
import { Ajv, type SchemaObject } from 'ajv';
import { parse } from 'yaml';
import { asyncApiDocument } from '../../shared/protocol/asyncapi.ts';
import { CLIENT_FRAMES } from '../../shared/protocol/client-frames.ts';
import { connectQuery } from '../../shared/protocol/connect-query.ts';
import { FIELD_DESCRIPTIONS, FRAME_DESCRIPTIONS } from '../../shared/protocol/frame-descriptions.ts';
import { FRAME_EXAMPLES } from '../../shared/protocol/frame-examples.ts';
import { FRAME_SCHEMAS, frameName } from '../../shared/protocol/frame-json-schemas.ts';
import { SERVER_FRAMES } from '../../shared/protocol/server-frames.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const committed = readFileSync(join(ROOT, 'docs/asyncapi.yaml'), 'utf8');

/** Yields every object of a tree with the path to it. */
function* walk(value: unknown, path = '#'): Generator<{ path: string; node: Readonly<Record<string, unknown>> }> {
  if (typeof value !== 'object' || value === null) return;
  yield { path, node: { ...value } };
  for (const [key, child] of Object.entries(value)) yield* walk(child, `${path}/${key}`);
}

const document: Readonly<Record<string, unknown>> = JSON.parse(JSON.stringify(asyncApiDocument()));
const nodes = [...walk(document)];

/** The fields of payloads: the nodes under `properties` of a schema. */
const fields = nodes.filter(({ path }) => /^#\/components\/schemas\/.*\/properties\/[^/]+$/.test(path));

const EXAMPLES = Object.entries(FRAME_EXAMPLES).flatMap(([name, examples]) =>
  examples.map((example, index) => ({ name, index, example })),
);

describe('docs/asyncapi.yaml', () => {
  it('is what `npm run docs` writes today', () => {
    const directory = mkdtempSync(join(tmpdir(), 'distributary-docs-'));
    const file = join(directory, 'asyncapi.yaml');

    const { status, stderr } = spawnSync(process.execPath, ['docs/write-asyncapi.ts', file], {
      cwd: ROOT,
      encoding: 'utf8',
    });

    const written = status === 0 ? readFileSync(file, 'utf8') : stderr;
    rmSync(directory, { recursive: true });
    expect(committed).toBe(written);
  });

  it('is valid by the schema that AsyncAPI publishes for its version', () => {
    // It brings the schema of JSON Schema itself.
    const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
    const specification: SchemaObject = JSON.parse(JSON.stringify(specifications.schemas['3.1.0']));
    const validate = ajv.compile(specification);

    expect({ valid: validate(parse(committed)), errors: validate.errors }).toEqual({ valid: true, errors: null });
  });

  it('refers only to what it has', () => {
    const paths = new Set(nodes.map(({ path }) => path));
    const references = nodes.flatMap(({ node }) => (typeof node['$ref'] === 'string' ? [node['$ref']] : []));

    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((reference) => !paths.has(reference))).toEqual([]);
  });

  it('has a message for each frame of the protocol, and an operation for each action', () => {
    const { components, operations } = asyncApiDocument();

    expect(Object.keys(components.messages).toSorted()).toEqual(
      [...Object.keys(CLIENT_FRAMES), ...Object.keys(SERVER_FRAMES)].toSorted(),
    );
    expect(Object.keys(operations)).toEqual(expect.arrayContaining(Object.keys(CLIENT_FRAMES)));
  });

  it('has no finding of AsyncAPI’s own parser, except that it names neither a license nor a contact', async () => {
    const { document: parsed, diagnostics } = await new Parser().parse(committed);

    const findings = diagnostics.map(({ code, message, path }) => ({ code, message, path: path.join('.') }));
    expect(findings.filter(({ path }) => path !== 'info')).toEqual([]);
    expect(parsed?.version()).toBe(asyncApiDocument().asyncapi);
  });

  it('has an operation or a reply for each frame that the server sends', () => {
    const messagesOf = (list: unknown) => JSON.stringify(list).matchAll(/messages\/(\w+)"/g);
    const { operations } = asyncApiDocument();
    const sent = Object.values(operations).flatMap((operation) =>
      Array.from(messagesOf('reply' in operation ? operation.reply : operation.messages), ([, name = '']) => name),
    );

    expect([...new Set(sent)].toSorted()).toEqual(Object.keys(SERVER_FRAMES).toSorted());
  });

  it('gives generators, which name a union after its channel, no two unions of one channel', () => {
    const { operations } = asyncApiDocument();
    const lists = Object.values(operations).flatMap((operation) =>
      'reply' in operation ? [operation.messages, operation.reply.messages] : [operation.messages],
    );

    expect(lists.length).toBeGreaterThan(10);
    expect(lists.filter((list) => list.length !== 1)).toEqual([]);
  });

  it('has the query that `$connect` takes, and no other parameter', () => {
    const { query } = asyncApiDocument().channels.connection.bindings.ws;

    expect(Object.keys(query.properties).toSorted()).toEqual(Object.keys(connectQuery.shape).toSorted());
    expect(query.additionalProperties).toBe(false);
  });

  it('joins to the URLs that clients connect to', () => {
    const { servers, channels } = asyncApiDocument();
    const defaults = { ...channels.connection.parameters, ...servers.local.variables };
    const fill = (text: string) =>
      Object.entries(defaults).reduce((filled, [name, value]) => filled.replace(`{${name}}`, value.default), text);

    const url = `${servers.local.protocol}://${fill(servers.local.host)}${fill(channels.connection.address)}`;

    expect(url).toBe('ws://127.0.0.1:4000/live');
    expect(readFileSync(join(ROOT, 'docs/protocol.md'), 'utf8')).toContain(`\`${url}\``);
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(url);
  });

  it('describes every field', () => {
    expect(fields.length).toBeGreaterThan(60);
    expect(fields.filter(({ node }) => typeof node['description'] !== 'string').map(({ path }) => path)).toEqual([]);
  });

  it('has no description of a field that does not exist', () => {
    const names = new Set(fields.map(({ path }) => path.split('/').at(-1)));
    const own = Object.entries(FRAME_DESCRIPTIONS).flatMap(([frame, { fields: described = {} }]) =>
      Object.keys(described).map((name) => `#/components/schemas/${frame}/properties/${name}`),
    );

    expect(Object.keys(FIELD_DESCRIPTIONS).filter((name) => !names.has(name))).toEqual([]);
    expect(own.filter((path) => !fields.some((field) => field.path === path))).toEqual([]);
  });
});

describe('the example', () => {
  const ajv = new Ajv({ strict: false });
  ajv.addSchema({ $id: 'https://distributary.test/document', ...document });

  it.each(EXAMPLES)('$name $index is a frame that the schema of the handlers takes', ({ name, example }) => {
    expect(FRAME_SCHEMAS[frameName(name)].safeParse(example)).toMatchObject({ success: true, data: example });
  });

  it.each(EXAMPLES)('$name $index is a frame by the published schema as well', ({ name, example }) => {
    const validate = ajv.getSchema(`https://distributary.test/document#/components/schemas/${name}`);

    expect({ valid: validate?.(example), errors: validate?.errors }).toEqual({ valid: true, errors: null });
  });

  it.each(Object.keys(CLIENT_FRAMES))('%s with a field that nobody knows is refused by both', (name) => {
    const example = { ...FRAME_EXAMPLES[frameName(name)][0], unknown: 1 };
    const validate = ajv.getSchema(`https://distributary.test/document#/components/schemas/${name}`);

    expect(FRAME_SCHEMAS[frameName(name)].safeParse(example).success).toBe(false);
    expect(validate?.(example)).toBe(false);
  });
});
