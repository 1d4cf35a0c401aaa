import {
  type AttributeValue,
  PutItemCommand,
  ScanCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

import { createTables } from '../../../../local/engine/create-tables.ts';
import type { Engine } from '../../../../local/engine/engine.ts';
import { startEngine } from '../../../../local/engine/start-engine.ts';
import { type SweeperDeps, startTtlSweeper, type TtlSweeper } from '../../../../local/engine/ttl-sweeper.ts';
import { clientFor, SUBSCRIPTIONS, TOPICS } from './sample-tables.ts';

const NOW_SECONDS = 1_800_000_000;
const YEAR_SECONDS = 31_536_000;

describe('startTtlSweeper', () => {
  let engine: Engine;
  let client: DynamoDBClient;
  let sweeper: TtlSweeper;
  const terminal = { info: () => {}, warn: () => {}, lambdaLog: () => {} };

  beforeEach(async () => {
    engine = await startEngine({ engine: 'dynoxide' }, { terminal });
    client = clientFor(engine.endpoint);
    await createTables([TOPICS, SUBSCRIPTIONS], client);
  });

  afterEach(async () => {
    await sweeper.stop();
    client.destroy();
    await engine.stop();
  });

  function startSweeper(more: Partial<SweeperDeps> = {}): void {
    const deps = { now: () => NOW_SECONDS * 1000, onDeleted: () => {}, terminal, ...more };
    sweeper = startTtlSweeper([TOPICS, SUBSCRIPTIONS], client, deps);
  }

  async function put(connectionId: string, expiresAt: AttributeValue): Promise<void> {
    const Item = { connectionId: { S: connectionId }, topic: { S: 'news' }, expiresAt };
    await client.send(new PutItemCommand({ TableName: SUBSCRIPTIONS.name, Item }));
  }

  async function remaining(): Promise<ReadonlySet<string | undefined>> {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: SUBSCRIPTIONS.name }));
    return new Set(Items.map((item) => item['connectionId']?.S));
  }

  it('deletes what has expired and keeps what DynamoDB would keep', async () => {
    await put('expired', { N: String(NOW_SECONDS - 1) });
    await put('valid', { N: String(NOW_SECONDS + 60) });
    await put('text', { S: String(NOW_SECONDS - 1) });
    await put('ancient', { N: String(NOW_SECONDS - 6 * YEAR_SECONDS) });
    startSweeper();

    const deleted = await sweeper.sweep();

    expect(deleted).toBe(1);
    expect(await remaining()).toEqual(new Set(['ancient', 'text', 'valid']));
  });

  it('announces each deletion before it happens', async () => {
    await put('expired', { N: String(NOW_SECONDS - 1) });
    const announced: unknown[] = [];
    startSweeper({ onDeleted: (tableName, key) => announced.push({ tableName, key }) });

    await sweeper.sweep();

    expect(announced).toEqual([
      { tableName: SUBSCRIPTIONS.name, key: { connectionId: { S: 'expired' }, topic: { S: 'news' } } },
    ]);
  });

  it('keeps an item that was renewed after it was found, and takes the announcement back', async () => {
    await put('renewed', { N: String(NOW_SECONDS - 1) });
    const kept: unknown[] = [];
    // The clock steps back between finding and deleting. To the condition this looks like a renewal.
    const times = [NOW_SECONDS, NOW_SECONDS - 3600];
    startSweeper({
      now: () => (times.shift() ?? 0) * 1000,
      onKept: (_tableName, key) => kept.push(key['connectionId']),
    });

    const deleted = await sweeper.sweep();

    expect(deleted).toBe(0);
    expect(kept).toEqual([{ S: 'renewed' }]);
    expect(await remaining()).toEqual(new Set(['renewed']));
  });

  it('goes through every page', async () => {
    const items = 625;
    for (let first = 0; first < items; first += 25) await putExpired(client, first);
    startSweeper();

    const deleted = await sweeper.sweep();

    expect(deleted).toBe(items);
    expect(await remaining()).toEqual(new Set());
  });
});

async function putExpired(client: DynamoDBClient, first: number): Promise<void> {
  const requests = Array.from({ length: 25 }, (_, index) => {
    const connectionId = { S: `connection-${first + index}` };
    return { PutRequest: { Item: { connectionId, topic: { S: 'news' }, expiresAt: { N: String(NOW_SECONDS - 1) } } } };
  });
  await client.send(new BatchWriteItemCommand({ RequestItems: { [SUBSCRIPTIONS.name]: requests } }));
}
