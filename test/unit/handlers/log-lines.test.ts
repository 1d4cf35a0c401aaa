import { changeRecord } from '../../helpers/change-records.ts';
import { connectEvent, disconnectEvent } from '../../helpers/lambda-events.ts';
import { lambdaVariables } from '../../helpers/lambda-environment.ts';
import { runHandler } from '../../helpers/run-handler.ts';
import { startStoreEngine, type StoreEngine } from '../../helpers/store-engine.ts';

describe('the log lines', () => {
  let engine: StoreEngine;
  beforeAll(async () => {
    engine = await startStoreEngine();
  });
  afterAll(() => engine.stop());

  function linesOf(handler: string, event: object, message: string): Readonly<Record<string, unknown>>[] {
    const environment = { ...lambdaVariables({ dynamodb: engine.endpoint }), POWERTOOLS_LOG_LEVEL: 'INFO' };
    return runHandler({ handler, event, environment }).filter((line) => line['message'] === message);
  }

  const lineOf = (...args: Parameters<typeof linesOf>) => linesOf(...args)[0];

  it('of a connection that ended say its reason and its code, also when there is none', () => {
    const event = disconnectEvent('L1=');
    const { disconnectReason, disconnectStatusCode, ...requestContext } = event.requestContext;
    const silent = { ...event, requestContext: { ...event.requestContext, disconnectReason: '' } };

    const lines = [event, silent, { ...event, requestContext }].map((each) =>
      lineOf('disconnect', each, 'disconnected'),
    );

    expect(lines).toMatchObject([
      { records: 0, disconnectReason, disconnectStatusCode },
      { records: 0, disconnectReason: '', disconnectStatusCode },
      { records: 0, disconnectReason: null, disconnectStatusCode: null },
    ]);
  });

  it('of a refused handshake name the parameter and the fault, but not the value, which may be a secret', () => {
    const query = { toekn: ['secret'], batch: ['1'], topics: ['a,b c'] };

    const line = lineOf('connect', connectEvent('L2=', { query }), 'connect refused');

    expect(line).toMatchObject({
      level: 'INFO',
      connectionId: 'L2=',
      details: expect.arrayContaining([
        { path: 'topics.1.topic', reason: 'not a topic name' },
        { path: 'batch.0', reason: 'must be true' },
        { path: 'toekn', reason: 'unknown field' },
      ]),
    });
    expect(JSON.stringify(line)).not.toContain('secret');
  });

  it.each([
    [
      'one topic',
      [
        ['news', 1],
        ['news', 2],
      ],
      ['news'],
    ],
    [
      'three topics',
      [
        ['news', 1],
        ['sport', 1],
        ['news', 2],
        ['chess', 1],
      ],
      ['news', 'sport', 'chess'],
    ],
    ['no change', [], []],
  ] as const)('of a batch of %s are one for each topic', (_, changes, topics) => {
    const Records = changes.map(([topic, seq], place) => changeRecord(place, { topic, seq }));

    const lines = linesOf('broadcast', { Records }, 'broadcast');

    expect(lines.map(({ topic }) => topic)).toEqual(topics);
    for (const line of lines) expect(line).toMatchObject({ batchRecords: changes.length, batchLines: topics.length });
  });
});
