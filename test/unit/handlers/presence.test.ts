import { openDebtStore } from '../../../handlers/open-fanout.ts';
import { noteOwed } from '../../../shared/store/owed.ts';
import { memberOf } from '../../../shared/store/presence.ts';
import { createSubscriptionStore } from '../../../shared/store/subscriptions.ts';
import { type FanoutStage, invokeStream, startFanoutStage } from '../../helpers/fanout-stage.ts';
import { CONNECTED_AT } from '../../helpers/lambda-events.ts';
import { openTopics, scan } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

describe('the presence Lambda', () => {
  let stage: FanoutStage;
  let requests = 0;

  beforeAll(async () => {
    stage = await startFanoutStage();
  });

  afterAll(() => stage.close());

  async function run(): Promise<string[]> {
    const { handler } = await import('../../../handlers/presence.ts');
    return invokeStream(handler, await stage.newRecords(TABLE_NAMES.subscriptions));
  }

  const store = () =>
    createSubscriptionStore({
      client: stage.engine.client,
      table: TABLE_NAMES.subscriptions,
      requestId: () => `presence-${(requests += 1)}`,
      shardsOf: async () => 1,
    });

  const watch = (connectionId: string, topic: string): Promise<void> =>
    store().subscribe({ connectionId, connectedAt: CONNECTED_AT }, { topic, presence: true });

  const framesOf = (connectionId: string) => stage.received.get(connectionId) ?? [];

  it('sends a new watcher the list of members, with its own name in it', async () => {
    await stage.subscribe('A=', 'room');
    await watch('W=', 'room');

    const failures = await run();

    const [a, w] = [memberOf('A='), memberOf('W=')];
    expect(failures).toEqual([]);
    expect(framesOf('W=')).toMatchObject([{ type: 'presence', topic: 'room', count: 2, left: [], self: w }]);
    expect(framesOf('W=')).toMatchObject([{ joined: expect.arrayContaining([a, w]) }]);
  });

  it('sends nothing to a new watcher whose token has ended by then', async () => {
    const connection = { connectionId: 'E=', connectedAt: CONNECTED_AT, tokenEnd: Date.now() - 1 };
    await store().subscribe(connection, { topic: 'left-late', presence: true });

    expect(await run()).toEqual([]);
    expect(framesOf('E=')).toEqual([]);
  });

  it('tells watchers alone who joined and who left', async () => {
    await stage.subscribe('B=', 'room');
    await run();
    await store().unsubscribe({ connectionId: 'B=', connectedAt: CONNECTED_AT }, 'room');

    await run();

    const b = memberOf('B=');
    expect(framesOf('W=').slice(1)).toMatchObject([
      { joined: [b], left: [], count: 3 },
      { joined: [], left: [b], count: 2 },
    ]);
    expect(framesOf('A=')).toEqual([]);
  });

  it('sends nothing more to a connection that stopped watching', async () => {
    const before = framesOf('W=').length;
    await stage.subscribe('W=', 'room');
    await run();
    await stage.subscribe('C=', 'room');

    await run();

    expect(framesOf('W=')).toHaveLength(before);
  });

  it('deletes the records of a watcher that is gone, and is done', async () => {
    await watch('gone=', 'empty');
    stage.statuses.set('gone=', 410);

    const failures = await run();
    await run();

    expect(failures).toEqual([]);
    stage.statuses.delete('gone=');
    await stage.subscribe('D=', 'empty');
    await run();
    expect(framesOf('gone=')).toEqual([]);
  });

  it('fails the batch from its first record when the endpoint reaches nobody', async () => {
    const ids = ['X=', 'Y=', 'Z='];
    for (const id of ids) await watch(id, 'down');
    for (const id of ids) stage.statuses.set(id, 500);

    const [failure, ...others] = await run();

    expect(failure).toMatch(/^\d+$/);
    expect(others).toEqual([]);
  });

  it('sends a connection what it is owed as soon as it answers again', async () => {
    const debts = openDebtStore({ client: stage.engine.client, table: TABLE_NAMES.subscriptions });
    const connection = { connectionId: 'late=', connectedAt: CONNECTED_AT };
    await stage.subscribe('late=', 'owing');
    const { epoch } = await openTopics(stage.engine).publish({ topic: 'owing', messages: ['1', '2'] });
    await noteOwed(debts, { connection, topic: 'owing', position: { epoch, seq: 1 } });
    stage.statuses.set('late=', 429);

    await run();
    const whileSlow = framesOf('late=');
    stage.statuses.delete('late=');
    // The pause after the first try is a second.
    while (framesOf('late=').length === 0) await run();
    await run();

    expect(whileSlow).toEqual([]);
    expect(framesOf('late=')).toMatchObject([{ type: 'subscribed', topic: 'owing', seq: 2, messages: [{ seq: 2 }] }]);
  });

  it('forgets what is owed to a topic that was left', async () => {
    const debts = openDebtStore({ client: stage.engine.client, table: TABLE_NAMES.subscriptions });
    const connection = { connectionId: 'left=', connectedAt: CONNECTED_AT };
    await noteOwed(debts, { connection, topic: 'owing', position: { epoch: null, seq: 0 } });

    await run();

    expect(framesOf('left=')).toEqual([]);
    expect(await scan(stage.engine, TABLE_NAMES.subscriptions, (item) => item['connectionId']?.S === 'left=')).toEqual(
      [],
    );
  });
});
