import { GoneException } from '@aws-sdk/client-apigatewaymanagementapi';
import { type FanoutStage, invokeStream, startFanoutStage } from '../helpers/fanout-stage.ts';
import { invokeRoute } from '../helpers/invoke-route.ts';
import { scan } from '../helpers/store-engine.ts';
import { TABLE_NAMES } from '../helpers/tables.ts';

/**
 * simple-websockets-chat-app tests `error.statusCode`, which this SDK never sets: its clean-up never runs, and the
 * first gone connection fails the whole send.
 */
describe('sample app bug 1: a gone connection is told by $metadata', () => {
  let stage: FanoutStage;

  beforeAll(async () => {
    stage = await startFanoutStage();
  });

  afterAll(() => stage.close());

  it('removes it, delivers to all others, and acknowledges the sender', async () => {
    for (const connectionId of ['A=', 'GONE=', 'B=']) await stage.subscribe(connectionId, 'chat');
    stage.statuses.set('GONE=', 410);
    const { handler: publish } = await import('../../handlers/publish.ts');
    const { handler: broadcast } = await import('../../handlers/broadcast.ts');

    const ack = await invokeRoute(publish, { action: 'publish', id: '1', topic: 'chat', data: 'hi' }, 'A=');
    const failures = await invokeStream(broadcast, await stage.newRecords(TABLE_NAMES.topics));

    expect(ack).toMatchObject({ type: 'ack', seq: 1 });
    expect(failures).toEqual([]);
    expect([...stage.received.keys()].sort()).toEqual(['A=', 'B=']);
    expect(
      await scan(stage.engine, TABLE_NAMES.subscriptions, ({ connectionId }) => connectionId?.S === 'GONE='),
    ).toEqual([]);
  });

  it('is still where the code is: the SDK knows no statusCode', () => {
    const error = new GoneException({ message: '', $metadata: { httpStatusCode: 410 } });

    expect(error).not.toHaveProperty('statusCode');
    expect(error.$metadata.httpStatusCode).toBe(410);
  });
});
