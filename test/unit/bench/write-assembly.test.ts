import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAssembly } from '../../../bench/assembly/write-assembly.ts';
import { BARE_APPLICATION, BARE_TABLES } from '../../../bench/fanout/bare-application.ts';
import { tutorialApplication } from '../../../bench/tutorial/application.ts';
import { loadAssembly } from '../../../local/assembly/load-assembly.ts';

describe('a small application', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'distributary-test-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('of the tutorials is one that the local runtime loads: three routes, a table, and a way back', async () => {
    const { webSocketApis, functions, tables } = loadAssembly(
      await writeAssembly(directory, tutorialApplication('one-after-another')),
      { port: 4_000 },
    );
    const sends = functions.find(({ logicalId }) => logicalId === 'SendMessage');

    expect(webSocketApis[0]?.stages[0]?.routes.map(({ routeKey, permitted }) => [routeKey, permitted])).toEqual([
      ['$connect', true],
      ['$disconnect', true],
      ['sendmessage', true],
    ]);
    expect(tables).toHaveLength(1);
    expect(sends?.environment['CALLBACK_URL']).toBe('http://127.0.0.1:4000/live');
    expect(functions.map(({ codeDirectory }) => existsSync(join(codeDirectory, 'index.mjs')))).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('of the bare pipeline has its two tables under the names that the pipeline uses, and no function', async () => {
    const { functions, tables } = loadAssembly(await writeAssembly(directory, BARE_APPLICATION), { port: 4_000 });

    expect(functions).toEqual([]);
    expect(tables.map(({ name }) => name)).toEqual(Object.values(BARE_TABLES));
    expect(tables[0]?.streamViewType).toBe('NEW_IMAGE');
  });
});
