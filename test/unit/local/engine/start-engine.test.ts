import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import { answers } from '../../../../local/engine/start-on-free-port.ts';
import { createTables } from '../../../../local/engine/create-tables.ts';
import type { Engine, EngineChoice } from '../../../../local/engine/engine.ts';
import { hasJava } from '../../../../local/engine/start-dynamodb-local.ts';
import { findDynoxide, startDynoxide } from '../../../../local/engine/start-dynoxide.ts';
import { startEngine } from '../../../../local/engine/start-engine.ts';
import type { TableModel, Terminal } from '../../../../local/model.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';
import { sendRaw } from '../raw-request.ts';
import { clientFor, SUBSCRIPTIONS, TOPICS } from './sample-tables.ts';

const { streamViewType: _, ...WITHOUT_STREAM } = TOPICS;
const SILENT: Terminal = { info: () => {}, warn: () => {}, lambdaLog: () => {} };

describe('startEngine', () => {
  const cleanUps: (() => unknown)[] = [];

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });

  async function start(choice: EngineChoice): Promise<{ readonly engine: Engine; readonly client: DynamoDBClient }> {
    const engine = await startEngine(choice, { terminal: SILENT });
    cleanUps.push(() => engine.stop());
    const client = clientFor(engine.endpoint);
    cleanUps.push(() => client.destroy());
    return { engine, client };
  }

  function directory(): string {
    const made = temporaryDirectory();
    cleanUps.push(() => made.remove());
    return made.path;
  }

  it('starts dynoxide and makes the tables, twice without harm', async () => {
    const { client } = await start({ engine: 'dynoxide' });

    await createTables([TOPICS, SUBSCRIPTIONS], client);
    await createTables([TOPICS, SUBSCRIPTIONS], client);

    await expectTables(client);
  });

  // `npm ci` does not install Java. Without it this engine cannot be tested.
  (hasJava() ? it : it.skip)('starts DynamoDB Local the same way (skipped where Java 17 is missing)', async () => {
    const { client } = await start({ engine: 'dynamodb-local' });

    await createTables([TOPICS, SUBSCRIPTIONS], client);
    await createTables([TOPICS, SUBSCRIPTIONS], client);

    await expectTables(client);
  });

  it('keeps data in the data directory from one run to the next', async () => {
    const dataDirectory = directory();
    const first = await start({ engine: 'dynoxide', dataDirectory });
    await createTables([TOPICS], first.client);
    await first.client.send(new PutItemCommand({ TableName: TOPICS.name, Item: { topic: { S: 'news' } } }));
    await first.engine.stop();

    const second = await start({ engine: 'dynoxide', dataDirectory });
    await createTables([TOPICS], second.client);
    const key = { topic: { S: 'news' } };
    const { Item } = await second.client.send(new GetItemCommand({ TableName: TOPICS.name, Key: key }));

    expect(Item).toEqual(key);
  });

  it.each<[string, TableModel]>([
    ['keys', { ...TOPICS, definition: SUBSCRIPTIONS.definition }],
    ['stream', WITHOUT_STREAM],
    ['indexes', { ...TOPICS, definition: { ...TOPICS.definition, indexes: SUBSCRIPTIONS.definition.indexes } }],
  ])('refuses kept tables whose %s differ, and says what to do', async (aspect, changed) => {
    const { client } = await start({ engine: 'dynoxide' });
    await createTables([TOPICS], client);

    const creation = createTables([changed], client);

    await expect(creation).rejects.toMatchObject({
      name: 'RuntimeSetupError',
      message: expect.stringMatching(new RegExp(`Topics does not match the template \\(its ${aspect}: .*--data`)),
    });
  });

  it('takes a kept table whatever images the template wants of its stream, and one of an older version', async () => {
    const { client } = await start({ engine: 'dynoxide' });
    await createTables([TOPICS], client);
    await client.send(
      new CreateTableCommand({
        TableName: 'Older',
        AttributeDefinitions: [{ AttributeName: 'topic', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'topic', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      }),
    );

    const creation = createTables(
      [
        { ...TOPICS, streamViewType: 'KEYS_ONLY' },
        { ...TOPICS, name: 'Older' },
      ],
      client,
    );

    await expect(creation).resolves.toBeUndefined();
    const needsMore = createTables([{ ...TOPICS, name: 'Older', streamViewType: 'OLD_IMAGE' }], client);
    await expect(needsMore).rejects.toThrow('its stream: NEW_IMAGE instead of OLD_IMAGE');
  });

  it('hides dynoxide, which lets every web page in, at an address that no page can guess', async () => {
    const [first, second] = [await start({ engine: 'dynoxide' }), await start({ engine: 'dynoxide' })];
    const addresses = [first, second].map(({ engine }) => new URL(engine.endpoint));
    const onUsualAddress = await answers(`http://127.0.0.1:${addresses[0]?.port}`);
    const { headers } = await sendRaw(first.engine.endpoint, { headers: { origin: 'https://example.com' } });
    const preflight = await fetch(first.engine.endpoint, { method: 'OPTIONS' });

    for (const { hostname } of addresses) expect(hostname).toMatch(/^127(?:\.\d{1,3}){3}$/);
    expect(addresses[0]?.hostname).not.toBe(addresses[1]?.hostname);
    expect(onUsualAddress).toBe(false);
    // When this fails, the engine has learned to refuse web pages, and need not be hidden any more.
    expect([headers['access-control-allow-origin'], preflight.headers.get('access-control-allow-origin')]).toContain(
      '*',
    );
  });

  it('leaves no process, no port and no file behind', async () => {
    const temporaryRoot = directory();
    const engine = await startDynoxide(findDynoxide() ?? '', { temporaryRoot, terminal: SILENT });
    const whileRunning = readdirSync(temporaryRoot);

    await engine.stop();

    expect(whileRunning).toHaveLength(1);
    expect(readdirSync(temporaryRoot)).toEqual([]);
    await expect(answers(engine.endpoint)).resolves.toBe(false);
  });

  it('uses an engine that runs already, and leaves it running', async () => {
    const { engine: running } = await start({ engine: 'dynoxide' });

    const { engine } = await start({ engine: running.endpoint });
    await engine.stop();

    expect(engine.endpoint).toBe(running.endpoint);
    await expect(answers(running.endpoint)).resolves.toBe(true);
  });

  it('is started again on its data when it ends by itself, at the same place', async () => {
    const { engine, client } = await start({ engine: 'dynoxide' });
    await createTables([TOPICS], client);
    const first = engine.processId();

    process.kill(first ?? 0, 'SIGKILL');
    while (engine.processId() === first) await delay(10);

    await expect(createTables([TOPICS], client)).resolves.toBeUndefined();
    await expect(answers(engine.endpoint)).resolves.toBe(true);
  });

  it('tells when it ends by itself again and again', async () => {
    const { engine } = await start({ engine: 'dynoxide' });
    const killing = new AbortController();
    const killer = (async () => {
      for (let killed: number | undefined; !killing.signal.aborted; await delay(10)) {
        const pid = engine.processId();
        if (pid !== undefined && pid !== killed) process.kill(pid, 'SIGKILL');
        killed = pid;
      }
    })();

    const ended = await engine.exited;
    killing.abort();
    await killer;

    expect(ended).toMatch(/signal SIGKILL/);
  });

  it('ends with the process that started it, even when that is killed', async () => {
    const source = `
      import { startEngine } from ${JSON.stringify(pathToFileURL('local/engine/start-engine.ts').href)};
      const engine = await startEngine({ engine: 'dynoxide', dataDirectory: ${JSON.stringify(directory())} }, {});
      console.log(engine.endpoint);
      setInterval(() => {}, 1000);
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await once(parent.stdout, 'data');
    const endpoint = String(said).trim();
    expect(await answers(endpoint)).toBe(true);

    parent.kill('SIGKILL');
    await once(parent, 'close');

    await expect(untilSilent(endpoint)).resolves.toBe(true);
  });

  it.each(['mysql', 'ftp://127.0.0.1', ''])('refuses the engine «%s»', async (engine) => {
    const attempt = startEngine({ engine }, { terminal: SILENT });

    await expect(attempt).rejects.toMatchObject({
      name: 'RuntimeSetupError',
      message: expect.stringContaining('there is no engine'),
    });
  });

  it('says so when nothing answers at a URL', async () => {
    const attempt = startEngine({ engine: 'http://127.0.0.1:1' }, { terminal: SILENT });

    await expect(attempt).rejects.toThrow(/no engine answers at http:\/\/127.0.0.1:1/);
  });
});

/** Expects both tables to match the model. */
async function expectTables(client: DynamoDBClient): Promise<void> {
  const { Table: topics } = await client.send(new DescribeTableCommand({ TableName: TOPICS.name }));
  const { Table: subscriptions } = await client.send(new DescribeTableCommand({ TableName: SUBSCRIPTIONS.name }));
  expect(topics?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' });
  expect(topics?.GlobalSecondaryIndexes ?? []).toEqual([]);
  expect(subscriptions?.GlobalSecondaryIndexes?.[0]).toMatchObject({
    IndexName: 'byTopic',
    Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['flags'] },
  });
}

/**
 * Waits until an endpoint no longer answers, within a bound. The kernel takes a moment to kill; each try is a real
 * connection.
 */
async function untilSilent(endpoint: string): Promise<boolean> {
  const maximumTries = 200;
  for (let tries = 0; tries < maximumTries; tries += 1) if (!(await answers(endpoint))) return true;
  return false;
}
