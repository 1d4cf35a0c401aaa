import { setState } from '../../../../shared/store/member-state.ts';
import { readDetails } from '../../../../shared/store/member-details.ts';
import { createSubscriptionStore } from '../../../../shared/store/subscriptions.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { scan, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;
const AT = Date.UTC(2026, 10, 20, 12);
const PROFILE = JSON.stringify({ name: 'Ann' });

describe('the state of a member', () => {
  let engine: StoreEngine;
  let requests = 0;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const deps = () => ({ client: engine.client, table });
  const senderOf = (connectionId: string, receivedAt = AT) => ({
    connectionId,
    connectedAt: AT,
    receivedAt,
    subject: 'ann',
    profile: PROFILE,
  });
  const store = () =>
    createSubscriptionStore({ ...deps(), requestId: () => `r-${(requests += 1)}`, shardsOf: async () => 1 });
  const detailsOf = async (id: string) => (await readDetails(deps(), 'lobby', [id])).get(id);

  it('is written beside the profile, and keeps its place when the topic is subscribed to again', async () => {
    await store().subscribe(senderOf('A='), { topic: 'lobby' });

    await setState(deps(), senderOf('A='), { topic: 'lobby', state: '{"typing":true}' });
    await store().subscribe(senderOf('A='), { topic: 'lobby' });

    expect(await detailsOf('A=')).toEqual({ profile: PROFILE, state: '{"typing":true}', statedAt: AT });
  });

  it('ends, and its time stays', async () => {
    await store().subscribe(senderOf('B='), { topic: 'lobby' });
    await setState(deps(), senderOf('B='), { topic: 'lobby', state: '1' });

    await setState(deps(), senderOf('B=', AT + 1_000), { topic: 'lobby', state: undefined });

    expect(await detailsOf('B=')).toEqual({ profile: PROFILE, statedAt: AT + 1_000 });
  });

  it('goes with the subscription', async () => {
    await store().subscribe(senderOf('C='), { topic: 'lobby' });
    await setState(deps(), senderOf('C='), { topic: 'lobby', state: '1' });

    await store().unsubscribe(senderOf('C=', AT + 1), 'lobby');

    expect(await detailsOf('C=')).toBeUndefined();
  });

  it('is refused without a subscription, and writes nothing', async () => {
    const attempt = setState(deps(), senderOf('D='), { topic: 'lobby', state: '1' });

    await expect(attempt).rejects.toMatchObject({ name: 'ClientError', code: 'not-subscribed' });
    expect(await scan(engine, table, (item) => item['connectionId']?.S === 'D=')).toEqual([]);
  });

  it('is refused within a second of the last one, with the time to wait', async () => {
    await store().subscribe(senderOf('E='), { topic: 'lobby' });
    await setState(deps(), senderOf('E='), { topic: 'lobby', state: '1' });

    const attempt = setState(deps(), senderOf('E=', AT + 400), { topic: 'lobby', state: '2' });

    await expect(attempt).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 600 });
    expect(await detailsOf('E=')).toMatchObject({ state: '1' });
  });

  it('of an earlier frame that is handled later changes nothing, and is no error', async () => {
    await store().subscribe(senderOf('F='), { topic: 'lobby' });
    await setState(deps(), senderOf('F=', AT + 5_000), { topic: 'lobby', state: '"new"' });

    await setState(deps(), senderOf('F='), { topic: 'lobby', state: '"old"' });

    expect(await detailsOf('F=')).toMatchObject({ state: '"new"' });
  });

  it('is read in several calls for many connections, again where DynamoDB left some', async () => {
    const ids = Array.from({ length: 101 }, (_, i) => `many-${i}=`);
    for (const id of ids) await store().subscribe(senderOf(id), { topic: 'crowd' });
    const client = engine.newClient();
    let refused = 0;
    intercept(client, async ({ input, proceed }) => {
      refused += 1;
      return refused === 1 ? { Responses: {}, UnprocessedKeys: input['RequestItems'] } : proceed();
    });

    const found = await readDetails({ client, table }, 'crowd', [...ids, 'nobody=']);

    expect([...found.keys()].toSorted()).toEqual(ids.toSorted());
    expect(refused).toBe(3);
  });
});
