import { randomUUID } from 'node:crypto';
import { ERROR_CODES } from '../../../shared/protocol/error-codes.ts';
import { listMessages } from '../../../shared/store/messages.ts';
import { createSubscriptionStore } from '../../../shared/store/subscriptions.ts';
import { type FanoutStage, invokeStream, startFanoutStage } from '../../helpers/fanout-stage.ts';
import { CONNECTED_AT } from '../../helpers/lambda-events.ts';
import { openTopics, scan } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

describe('the broadcast Lambda', () => {
  let stage: FanoutStage;

  beforeAll(async () => {
    stage = await startFanoutStage();
  });

  afterAll(() => stage.close());

  /** Passes all new records of the stream of Topics to the Lambda. */
  async function run(change: (records: object[]) => object[] = (records) => records): Promise<string[]> {
    const { handler } = await import('../../../handlers/broadcast.ts');
    return invokeStream(handler, change(await stage.newRecords(TABLE_NAMES.topics)));
  }

  it('delivers published messages to the subscribers, and archives them', async () => {
    await stage.subscribe('A=', 'news');
    await stage.subscribe('B=', 'other');
    const topics = openTopics(stage.engine);
    const { epoch } = await topics.publish({ topic: 'news', messages: ['{"n":1}'] });
    await topics.publish({ topic: 'news', messages: ['{"n":2}'] });

    const failures = await run();

    expect(failures).toEqual([]);
    expect(stage.received.get('A=')).toMatchObject([
      { type: 'message', topic: 'news', epoch, seq: 1, data: { n: 1 } },
      { type: 'message', topic: 'news', epoch, seq: 2, data: { n: 2 } },
    ]);
    expect(stage.received.has('B=')).toBe(false);
    const archive = { client: stage.engine.client, table: TABLE_NAMES.messages };
    expect(await listMessages(archive, { topic: 'news', epoch, fromSeq: 1, toSeq: 9, bytes: Infinity })).toHaveLength(
      2,
    );
  });

  it('delivers nothing to a connection whose token has ended, and has it closed', async () => {
    const table = TABLE_NAMES.subscriptions;
    const connectedAt = CONNECTED_AT;
    const store = createSubscriptionStore({
      client: stage.engine.client,
      table,
      requestId: () => randomUUID(),
      shardsOf: async () => 1,
    });
    await store.subscribe({ connectionId: 'over=', connectedAt, tokenEnd: Date.now() - 1 }, { topic: 'ended' });
    await store.subscribe({ connectionId: 'good=', connectedAt, tokenEnd: Date.now() + 60_000 }, { topic: 'ended' });
    await stage.newRecords(table);
    for (const message of ['1', '2']) await openTopics(stage.engine).publish({ topic: 'ended', messages: [message] });

    const failures = await run();
    const { handler } = await import('../../../handlers/catch-up.ts');
    const caughtUp = await invokeStream(handler, await stage.newRecords(table));

    expect([failures, caughtUp]).toEqual([[], []]);
    expect(stage.received.get('good=')).toMatchObject([{ seq: 1 }, { seq: 2 }]);
    expect(stage.received.get('over=')).toEqual([
      { type: 'error', code: 'token-expired', message: ERROR_CODES['token-expired'] },
    ]);
    expect(stage.closed).toEqual(['over=']);
    expect(await scan(stage.engine, table, ({ connectionId }) => connectionId?.S === 'over=')).toEqual([]);
  });

  it('tells subscribers the subject of each message’s publisher, live and from the archive', async () => {
    await stage.subscribe('F=', 'signed');
    const { epoch } = await openTopics(stage.engine).publish({ topic: 'signed', messages: ['1', '2'], from: 'ann' });
    await openTopics(stage.engine).publish({ topic: 'signed', messages: ['3'] });

    await run();

    expect(stage.received.get('F=')).toMatchObject([{ seq: 1, from: 'ann' }, { seq: 2, from: 'ann' }, { seq: 3 }]);
    const archive = { client: stage.engine.client, table: TABLE_NAMES.messages };
    const archived = await listMessages(archive, { topic: 'signed', epoch, fromSeq: 1, toSeq: 9, bytes: Infinity });
    expect(archived.map(({ from }) => from)).toEqual(['ann', 'ann', undefined]);
  });

  it('delivers the last value of a counter', async () => {
    await stage.subscribe('C=', 'counter:votes');
    const topics = openTopics(stage.engine);
    for (const delta of [1, 2, 3]) await topics.increment({ topic: 'counter:votes', delta });

    await run();

    expect(stage.received.get('C=')).toMatchObject([{ type: 'state', counter: 'votes', value: 6, seq: 3 }]);
  });

  it('names the first record to retry', async () => {
    await stage.subscribe('D=', 'poisoned');
    const topics = openTopics(stage.engine);
    for (const message of ['1', '2', '3']) await topics.publish({ topic: 'poisoned', messages: [message] });
    const numbers: string[] = [];

    const failures = await run((records) =>
      structuredClone(records).map((record, place) => {
        const { dynamodb } = record as { dynamodb: { SequenceNumber: string; NewImage: Record<string, object> } };
        numbers.push(dynamodb.SequenceNumber);
        if (place === 1) dynamodb.NewImage['message'] = { S: '{' };
        return record;
      }),
    );

    expect(failures).toEqual([numbers[1]]);
    expect(stage.received.get('D=')).toMatchObject([{ seq: 1 }]);
  });

  it('reports no failure for an empty batch', async () => {
    expect(await run(() => [])).toEqual([]);
  });
});
