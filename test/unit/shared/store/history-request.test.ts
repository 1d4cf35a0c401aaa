import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { decodeHistoryRequest, isHistoryRequest, requestHistory } from '../../../../shared/store/history-request.ts';
import { isIndexed } from '../../../../shared/store/subscribers.ts';
import { createSubscriptionStore } from '../../../../shared/store/subscriptions.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;
const connectedAt = Date.UTC(2026, 10, 20, 12);
const before = { epoch: 'e1', seq: 8 };

describe('a request for older messages', () => {
  let engine: StoreEngine;
  let requests = 0;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const deps = () => ({ client: engine.client, table, requestId: () => `request-${(requests += 1)}` });
  const recordsOf = (id: string) => scan(engine, table, ({ connectionId }) => connectionId?.S === id);

  async function subscriber(connectionId: string) {
    const connection = { connectionId, connectedAt };
    const subscriptions = createSubscriptionStore({ ...deps(), shardsOf: async () => 1 });
    await subscriptions.subscribe(connection, { topic: 'news', position: { epoch: 'e1', seq: 3 }, batch: true });
    const record = async (): Promise<Record<string, AttributeValue>> =>
      (await recordsOf(connectionId)).find(({ topic }) => topic?.S === 'news') ?? {};
    return { connection, subscriptions, record };
  }

  it('is left in the record of the subscription, and changes nothing else of it', async () => {
    const { connection, record } = await subscriber('asks=');
    const subscribed = await record();

    await requestHistory(deps(), connection, { topic: 'news', before, count: 20, id: 'h1' });

    const { historyRequest, ...rest } = await record();
    expect(rest).toEqual(subscribed);
    expect(decodeHistoryRequest({ ...rest, historyRequest: historyRequest ?? { NULL: true } })).toEqual({
      kind: 'history',
      ...connection,
      topic: 'news',
      before,
      count: 20,
      id: 'h1',
    });
    expect(await isIndexed(deps(), { topic: 'news', shard: 0 }, 'asks=')).toBe(true);
  });

  it('takes the place of the one before, so that a connection has one for each topic at most', async () => {
    const { connection, record } = await subscriber('again=');
    const items = (await recordsOf('again=')).length;

    await requestHistory(deps(), connection, { topic: 'news', before, count: 20, id: 'h1' });
    await requestHistory(deps(), connection, { topic: 'news', before: { epoch: null, seq: 0 }, count: 1 });

    expect(await recordsOf('again=')).toHaveLength(items);
    expect(decodeHistoryRequest(await record())).toEqual({
      kind: 'history',
      ...connection,
      topic: 'news',
      before: { epoch: null, seq: 0 },
      count: 1,
    });
  });

  it('is a new one each time, also with the same fields, and no subscribe is one', async () => {
    const { connection, subscriptions, record } = await subscriber('repeats=');
    const range = { topic: 'news', before, count: 20, id: 'h1' };
    const images = [await record()];
    for (const write of [
      () => requestHistory(deps(), connection, range),
      () => requestHistory(deps(), connection, range),
      () => subscriptions.subscribe(connection, { topic: 'news' }),
    ]) {
      await write();
      images.push(await record());
    }

    const isNew = images.slice(1).map((image, index) => isHistoryRequest(image, images[index]));

    expect(isNew).toEqual([true, true, false]);
    expect(isHistoryRequest(images[0] ?? {}, undefined)).toBe(false);
  });

  it('is refused without a subscription, and writes nothing', async () => {
    const { connection, subscriptions } = await subscriber('left=');
    await subscriptions.unsubscribe(connection, 'news');
    const records = await recordsOf('left=');

    const request = requestHistory(deps(), connection, { topic: 'news', before, count: 20 });

    await expect(request).rejects.toMatchObject({ name: 'ClientError', code: 'not-subscribed' });
    expect(await recordsOf('left=')).toEqual(records);
  });

  it('does not make a malformed record one', () => {
    expect(isHistoryRequest({ historyRequest: { S: 'now' } }, undefined)).toBe(false);
    expect(() => decodeHistoryRequest({ historyRequest: { M: {} } })).toThrow('connectionId');
  });
});
