import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { batchWrite } from '../../../../shared/store/batch-write.ts';
import { getTopics, isIndexed, listSubscribers, removeConnection } from '../../../../shared/store/subscribers.ts';
import { subscriptionItem } from '../../../../shared/store/subscription-record.ts';
import { createSubscriptionStore } from '../../../../shared/store/subscriptions.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;
const connectedAt = Date.UTC(2026, 10, 20, 12);

/** The number and the length of ids that make over 1 MB of index entries: more than one page of DynamoDB. */
const LARGE = { subscribers: 700, idLength: 1_800 } as const;

describe('subscribers', () => {
  let engine: StoreEngine;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const deps = () => ({ client: engine.client, table });
  const openStore = () => createSubscriptionStore({ ...deps(), requestId: () => 'request', shardsOf: async () => 1 });

  /** A client whose queries have small pages, and how many of them it asked for. */
  function pagedClient(limit: number) {
    const client = engine.newClient();
    const count = { queries: 0 };
    intercept(client, ({ command, input, proceed }) => {
      if (command !== 'QueryCommand') return proceed();
      count.queries += 1;
      return proceed({ ...input, Limit: limit });
    });
    return { client, count };
  }

  it('lists every page of the subscribers, to the end', async () => {
    const ids = Array.from({ length: 23 }, (_, i) => `c${String(i).padStart(2, '0')}=`);
    for (const connectionId of ids) await openStore().subscribe({ connectionId, connectedAt }, { topic: 'paged' });
    const { client, count } = pagedClient(5);

    const listed = await Array.fromAsync(listSubscribers({ client, table }, 'paged'));

    expect(listed.map(({ connectionId }) => connectionId)).toEqual(ids);
    expect(count.queries).toBeGreaterThanOrEqual(5);
  });

  it('lists more subscribers than one page of 1 MB holds', async () => {
    const ids = Array.from({ length: LARGE.subscribers }, (_, i) => String(i).padStart(LARGE.idLength, 'x'));
    await batchWrite(
      engine.client,
      table,
      ids.map((connectionId) => ({
        PutRequest: { Item: subscriptionItem({ connectionId, connectedAt }, { topic: 'large' }, 'request') },
      })),
    );
    const firstPage = await engine.client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'byTopic',
        KeyConditionExpression: 'topicShard = :shard',
        ExpressionAttributeValues: { ':shard': { S: 'large#0' } },
      }),
    );

    const listed = await Array.fromAsync(listSubscribers(deps(), 'large'));

    expect(firstPage.LastEvaluatedKey).toBeDefined();
    expect(new Set(listed.map(({ connectionId }) => connectionId))).toEqual(new Set(ids));
  });

  it('tells of each subscriber what a delivery needs', async () => {
    await openStore().subscribe({ connectionId: 'plain=', connectedAt }, { topic: 'needs' });
    await openStore().subscribe(
      { connectionId: 'quick=', connectedAt: connectedAt + 1 },
      { topic: 'needs', batch: true },
    );

    const listed = await Array.fromAsync(listSubscribers(deps(), 'needs'));

    expect(listed).toEqual([
      { connectionId: 'plain=', connectedAt, batch: false },
      { connectionId: 'quick=', connectedAt: connectedAt + 1, batch: true },
    ]);
  });

  it('lists nobody of a topic whose name only begins the same', async () => {
    await openStore().subscribe({ connectionId: 'prefix=', connectedAt }, { topic: 'prefix/longer' });

    expect(await Array.fromAsync(listSubscribers(deps(), 'prefix'))).toEqual([]);
    expect(await isIndexed(deps(), { topic: 'prefix', shard: 0 }, 'prefix=')).toBe(false);
  });

  it('removes all that a connection has, every page, and nothing of another', async () => {
    const topics = Array.from({ length: 60 }, (_, i) => `leaving/${i}`);
    await openStore().open({ connectionId: 'leaving=', connectedAt }, { topics: topics.map((topic) => ({ topic })) });
    await openStore().notePositions({ connectionId: 'leaving=', connectedAt }, {});
    await openStore().open({ connectionId: 'staying=', connectedAt }, { topics: [{ topic: 'leaving/0' }] });
    const { client, count } = pagedClient(7);

    const removed = await removeConnection({ client, table }, 'leaving=');

    expect(removed).toBe(62);
    expect(count.queries).toBeGreaterThanOrEqual(9);
    expect(await scanIds('leaving=')).toBe(0);
    expect(await scanIds('staying=')).toBe(2);
  });

  it('removes a connection that has nothing', async () => {
    expect(await removeConnection(deps(), 'unknown=')).toBe(0);
  });

  it('says how many records it could not delete', async () => {
    await openStore().open({ connectionId: 'stuck=', connectedAt }, { topics: [{ topic: 'stuck' }] });
    const client = engine.newClient();
    intercept(client, async ({ command, input, proceed }) =>
      command === 'BatchWriteItemCommand' ? { UnprocessedItems: input['RequestItems'] } : proceed(),
    );

    expect(await removeConnection({ client, table }, 'stuck=')).toBe(0);
  });

  it('knows no topics of a connection that is gone', async () => {
    expect(await getTopics(deps(), { connectionId: 'unknown=', connectedAt })).toEqual(new Set());
  });

  /** The large topic makes a scan too large, so this asks for one connection. */
  async function scanIds(connectionId: string): Promise<number> {
    const { Count } = await engine.client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'connectionId = :id',
        ExpressionAttributeValues: { ':id': { S: connectionId } },
      }),
    );
    return Count ?? 0;
  }
});
