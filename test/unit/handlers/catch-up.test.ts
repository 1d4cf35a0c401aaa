import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { requestHistory } from '../../../shared/store/history-request.ts';
import { removeConnection } from '../../../shared/store/subscribers.ts';
import { createSubscriptionStore } from '../../../shared/store/subscriptions.ts';
import { type FanoutStage, invokeStream, startFanoutStage } from '../../helpers/fanout-stage.ts';
import { CONNECTED_AT } from '../../helpers/lambda-events.ts';
import { openTopics, scan } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

describe('the catch-up Lambda', () => {
  let stage: FanoutStage;
  let requests = 0;

  beforeAll(async () => {
    stage = await startFanoutStage();
  });

  afterAll(() => stage.close());

  async function run(change: (records: object[]) => object[] = (records) => records): Promise<string[]> {
    const { handler } = await import('../../../handlers/catch-up.ts');
    return invokeStream(handler, change(await stage.newRecords(TABLE_NAMES.subscriptions)));
  }

  async function openStores() {
    const client = stage.engine.client;
    const requestId = () => `catch-up-${(requests += 1)}`;
    await run();
    return {
      topics: openTopics(stage.engine),
      subscriptions: createSubscriptionStore({
        client,
        table: TABLE_NAMES.subscriptions,
        requestId,
        shardsOf: async () => 1,
      }),
    };
  }

  it('sends each new subscriber the position of its topic', async () => {
    const { topics } = await openStores();
    const { epoch } = await topics.publish({ topic: 'news', messages: ['1'] });
    await topics.increment({ topic: 'counter:a', delta: 7 });
    await stage.subscribe('A=', 'news');
    await stage.subscribe('A2=', 'counter:a');
    await stage.subscribe('A3=', 'silent');

    const failures = await run();

    expect(failures).toEqual([]);
    expect(stage.received.get('A=')).toEqual([
      { type: 'subscribed', topic: 'news', epoch, seq: 1, recovered: true, messages: [] },
    ]);
    expect(stage.received.get('A2=')).toMatchObject([{ type: 'subscribed', topic: 'counter:a', value: 7, seq: 1 }]);
    expect(stage.received.get('A3=')).toMatchObject([{ topic: 'silent', epoch: null, seq: 0, recovered: true }]);
  });

  it('answers the subscriptions of a handshake together, in as few frames as the connection takes', async () => {
    const { topics, subscriptions } = await openStores();
    const { epoch } = await topics.publish({ topic: 'together', messages: ['1', '2'] });
    const first = [
      { topic: 'together', position: { epoch, seq: 1 } },
      { topic: 'counter:together' },
      { topic: 'none' },
    ];
    await subscriptions.open({ connectionId: 'T1=', connectedAt: CONNECTED_AT }, { topics: first, batch: true });
    await subscriptions.open({ connectionId: 'T2=', connectedAt: CONNECTED_AT }, { topics: first });

    const failures = await run();

    const answers = [
      { type: 'subscribed', topic: 'together', epoch, seq: 2, recovered: true, messages: [{ seq: 2, data: 2 }] },
      { type: 'subscribed', topic: 'counter:together', value: 0, seq: 0 },
      { type: 'subscribed', topic: 'none', epoch: null, seq: 0, recovered: true },
    ];
    expect(failures).toEqual([]);
    expect(stage.received.get('T1=')).toMatchObject([{ type: 'batch', frames: answers }]);
    expect(stage.received.get('T2=')).toMatchObject(answers);
  });

  it('answers the others of a handshake when one of its topics cannot be read', async () => {
    const { topics, subscriptions } = await openStores();
    await topics.publish({ topic: 'well', messages: ['1'] });
    const broken = { topic: { S: 'broken' }, seq: { N: '1' } };
    await stage.engine.client.send(new PutItemCommand({ TableName: TABLE_NAMES.topics, Item: broken }));
    const connection = { connectionId: 'U=', connectedAt: CONNECTED_AT };
    await subscriptions.open(connection, { topics: [{ topic: 'broken' }, { topic: 'well' }] });

    const failures = await run();

    expect(failures).toHaveLength(1);
    expect(stage.received.get('U=')).toMatchObject([{ type: 'subscribed', topic: 'well', seq: 1 }]);
  });

  it('sends what was missed since a position, and nothing for a ping that is up to date', async () => {
    const { topics, subscriptions } = await openStores();
    const connection = { connectionId: 'B=', connectedAt: CONNECTED_AT };
    const { epoch } = await topics.publish({ topic: 'missed', messages: ['1'] });
    await topics.publish({ topic: 'missed', messages: ['2'] });
    await subscriptions.subscribe(connection, { topic: 'missed', position: { epoch, seq: 1 } });
    await run();

    await subscriptions.notePositions(connection, { missed: { epoch, seq: 2 } });
    const failures = await run();

    expect(failures).toEqual([]);
    expect(stage.received.get('B=')).toMatchObject([{ seq: 2, recovered: true, messages: [{ seq: 2, data: 2 }] }]);
  });

  it('sends the messages that a ping shows to be missing', async () => {
    const { topics, subscriptions } = await openStores();
    const connection = { connectionId: 'P=', connectedAt: CONNECTED_AT };
    const { epoch } = await topics.publish({ topic: 'pinged', messages: ['1'] });
    await subscriptions.open(connection, { topics: [{ topic: 'pinged' }] });
    await run();
    await topics.publish({ topic: 'pinged', messages: ['2'] });

    await subscriptions.notePositions(connection, { pinged: { epoch, seq: 1 } });
    await run();

    expect(stage.received.get('P=')).toMatchObject([
      { seq: 1, messages: [] },
      { seq: 2, recovered: true, messages: [{ seq: 2 }] },
    ]);
  });

  it('answers repeated requests of a connection once, by the last one', async () => {
    const { topics, subscriptions } = await openStores();
    const connection = { connectionId: 'eager=', connectedAt: CONNECTED_AT };
    const { epoch } = await topics.publish({ topic: 'asked', messages: ['1'] });
    for (let i = 0; i < 5; i += 1) await subscriptions.subscribe(connection, { topic: 'asked' });
    await subscriptions.subscribe(connection, { topic: 'asked', position: { epoch, seq: 0 } });

    const failures = await run();

    expect(failures).toEqual([]);
    expect(stage.received.get('eager=')).toMatchObject([{ seq: 1, messages: [{ seq: 1 }] }]);
  });

  it('sends older messages beside the answer to a subscribe of the same batch, each request once', async () => {
    const { topics, subscriptions } = await openStores();
    const connection = { connectionId: 'back=', connectedAt: CONNECTED_AT };
    const deps = { client: stage.engine.client, table: TABLE_NAMES.subscriptions };
    const { epoch } = await topics.publish({ topic: 'paged', messages: ['1'] });
    await subscriptions.subscribe(connection, { topic: 'paged', position: { epoch, seq: 1 } });
    for (const [id, seq] of [
      ['h1', 1],
      ['h2', 2],
    ] as const)
      await requestHistory({ ...deps, requestId: () => id }, connection, {
        topic: 'paged',
        before: { epoch, seq },
        count: 5,
        id,
      });

    const failures = await run();

    expect(failures).toEqual([]);
    const frames = stage.received.get('back=') ?? [];
    expect(frames).toHaveLength(2);
    expect(frames).toEqual(
      expect.arrayContaining([
        { type: 'subscribed', topic: 'paged', epoch, seq: 1, recovered: true, messages: [] },
        expect.objectContaining({
          type: 'history',
          id: 'h2',
          topic: 'paged',
          messages: [expect.objectContaining({ seq: 1 })],
        }),
      ]),
    );
  });

  it('tells a connection in one error which topics of its URL were refused', async () => {
    const { subscriptions } = await openStores();
    const connection = { connectionId: 'R=', connectedAt: CONNECTED_AT };
    await subscriptions.open(connection, { topics: [{ topic: 'permitted' }], refused: ['secret', 'other'] });

    const failures = await run();

    expect(failures).toEqual([]);
    const errors = stage.received.get('R=')?.filter((frame) => JSON.stringify(frame).includes('"code"'));
    expect(errors).toEqual([
      expect.objectContaining({ type: 'error', code: 'forbidden', topics: ['secret', 'other'] }),
    ]);
    expect(stage.received.get('R=')).toHaveLength(2);
  });

  it('removes a connection that is gone', async () => {
    await openStores();
    stage.statuses.set('G=', 410);
    await stage.subscribe('G=', 'news');

    const failures = await run();

    expect(failures).toEqual([]);
    expect(await scan(stage.engine, TABLE_NAMES.subscriptions, ({ connectionId }) => connectionId?.S === 'G=')).toEqual(
      [],
    );
  });

  it('owes their answers to connections that it could not reach, so that no record waits for them', async () => {
    await openStores();
    const now = Date.now();
    stage.statuses.set('throttled=', 429).set('silent=', 0).set('young=', 410).set('vanished=', 410).set('left=', 410);
    for (const id of ['throttled=', 'silent=', 'well=', 'left=']) await stage.subscribe(id, 'crowd');
    for (const id of ['young=', 'vanished=']) await stage.subscribe(id, 'crowd', now);
    const records = await stage.newRecords(TABLE_NAMES.subscriptions);
    await removeConnection({ client: stage.engine.client, table: TABLE_NAMES.subscriptions }, 'vanished=');
    const { handler } = await import('../../../handlers/catch-up.ts');

    const failures = await invokeStream(handler, records);

    expect(failures).toEqual([]);
    const owed = await scan(stage.engine, TABLE_NAMES.subscriptions, (item) => item['owed'] !== undefined);
    expect(new Set(owed.map(({ connectionId }) => connectionId?.S))).toEqual(new Set(['silent=', 'throttled=']));
    expect(stage.received.get('well=')).toHaveLength(1);
    const left = await scan(stage.engine, TABLE_NAMES.subscriptions, ({ topic }) => topic?.S === 'crowd');
    expect(left.map(({ connectionId }) => connectionId?.S ?? '').sort()).toEqual(
      ['silent=', 'throttled=', 'well=', 'young='].sort(),
    );
  });

  it('fails only a record that it cannot read, or whose connection it could not reach', async () => {
    await openStores();
    stage.statuses.set('F=', 500);
    await stage.subscribe('F=', 'silent');
    await stage.subscribe('H=', 'silent');
    await stage.subscribe('I=', 'silent');
    const numbers = new Map<string, string>();

    const failures = await run((records) =>
      structuredClone(records).map((record) => {
        const { dynamodb } = record as {
          dynamodb: { SequenceNumber: string; NewImage: Record<string, { S?: string }> };
        };
        const { connectionId, topic } = dynamodb.NewImage;
        if (topic?.S === 'silent') numbers.set(connectionId?.S ?? '', dynamodb.SequenceNumber);
        if (connectionId?.S === 'H=' && topic?.S === 'silent') dynamodb.NewImage['connectedAt'] = { S: 'now' };
        return record;
      }),
    );

    expect(failures).toEqual([numbers.get('F='), numbers.get('H=')]);
    expect(stage.received.get('I=')).toHaveLength(1);
  });
});
