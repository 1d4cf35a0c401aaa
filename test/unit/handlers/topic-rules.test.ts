import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleHandlers } from '../../../infra/bundle-handlers.ts';
import { withSchemas } from '../../../infra/topic-schemas.ts';
import { ENVIRONMENT } from '../../../shared/config.ts';
import { invokeRoute } from '../../helpers/invoke-route.ts';
import { setLambdaEnvironment } from '../../helpers/lambda-environment.ts';
import { openTopics, startStoreEngine, type StoreEngine } from '../../helpers/store-engine.ts';

/** A bundled module of definitions, by a schema that is written out. */
const SCHEMAS = `
const text = { '~standard': { version: 1, vendor: 'test', validate: (value) =>
  typeof value === 'string' ? { value } : { issues: [{ message: 'is not a text', path: ['title'] }] } } };
export const topics = { 'news/*': text, 'counter:votes': { counter: { min: 0, max: 3 } } };
`;

let engine: StoreEngine;
let directory: string;
let restore: () => void;

beforeAll(async () => {
  engine = await startStoreEngine();
  directory = mkdtempSync(join(tmpdir(), 'distributary-topic-rules-'));
});

afterAll(async () => {
  rmSync(directory, { recursive: true });
  await engine.stop();
});

afterEach(() => restore());

/** Opens the bundle of a route at a cold start of its own. */
async function coldStart(route: string, variables: Readonly<Record<string, string>>): Promise<unknown> {
  restore = setLambdaEnvironment({ dynamodb: engine.endpoint });
  Object.assign(process.env, variables);
  const bundles = await bundleHandlers([route]);
  const place = mkdtempSync(join(directory, `${route}-`));
  const source = ENVIRONMENT.topicSchemas in variables ? withSchemas(bundles, schemasFile()) : bundles;
  cpSync(source.directoryOf(route), place, { recursive: true });
  await bundles.remove();
  const { handler }: { handler: unknown } = await import(pathToFileURL(join(place, 'index.mjs')).href);
  return handler;
}

function schemasFile(): string {
  const file = join(directory, 'topics.mjs');
  writeFileSync(file, SCHEMAS);
  return file;
}

describe('a route of a stack with schemas', () => {
  const WITH_SCHEMAS = { [ENVIRONMENT.topicSchemas]: 'on' };

  it('refuses data that does not fit, with its path, and takes what fits', async () => {
    const publish = await coldStart('publish', WITH_SCHEMAS);
    const send = (data: unknown) => invokeRoute(publish, { action: 'publish', id: '1', topic: 'news/a', data });

    expect(await send(4)).toMatchObject({
      type: 'error',
      code: 'bad-data',
      details: [{ path: 'data.title', reason: 'is not a text' }],
    });
    expect(await send('right')).toMatchObject({ type: 'ack', seq: 1 });
  });

  it('holds a counter to its bounds, whatever the frame says', async () => {
    const plus = await coldStart('plus', WITH_SCHEMAS);
    const add = (by: number) => invokeRoute(plus, { action: 'plus', id: '1', counter: 'votes', by, max: 100 });

    expect(await add(3)).toMatchObject({ type: 'ack', value: 3 });
    expect(await add(1)).toMatchObject({ type: 'error', code: 'out-of-bounds' });
  });
});

describe('a topic that only a server creates', () => {
  it('takes no publish of a client before, and each one after', async () => {
    const publish = await coldStart('publish', {
      [ENVIRONMENT.topicSettings]: JSON.stringify({ 'room/*': { create: 'server' } }),
    });
    const send = (fields: object) => invokeRoute(publish, { action: 'publish', id: '1', data: 1, ...fields });

    const before = await send({ topic: 'room/a' });
    const beforeByKey = await send({ topic: 'room/a', key: 'k' });
    await openTopics(engine).publish({ topic: 'room/a', messages: ['0'] });
    const after = await send({ topic: 'room/a' });
    const afterByKey = await send({ topic: 'room/a', key: 'k' });

    expect([before, beforeByKey]).toMatchObject([{ code: 'bad-topic' }, { code: 'bad-topic' }]);
    expect([after, afterByKey]).toMatchObject([
      { type: 'ack', seq: 2 },
      { type: 'ack', seq: 3 },
    ]);
    expect(await send({ topic: 'open' })).toMatchObject({ type: 'ack', seq: 1 });
  });
});

describe('schemas at synthesis', () => {
  const bundles = { directoryOf: () => directory };

  it.each([
    ['a file that is not there', undefined, 'there is no file'],
    ['a module that imports another one', "import 'zod'; export const topics = {};", 'cannot be imported by itself'],
    ['a module without definitions', 'export const other = 1;', 'exports no definitions'],
  ])('are refused: %s', (name, text, expected) => {
    const file = join(directory, `${name.replaceAll(' ', '-')}.mjs`);
    if (text !== undefined) writeFileSync(file, text);

    expect(() => withSchemas(bundles, file)).toThrow(expected);
  });
});
