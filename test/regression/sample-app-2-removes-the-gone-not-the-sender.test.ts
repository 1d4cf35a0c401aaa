import { type FanoutStage, invokeStream, startFanoutStage } from '../helpers/fanout-stage.ts';
import { invokeRoute } from '../helpers/invoke-route.ts';
import { scan } from '../helpers/store-engine.ts';
import { TABLE_NAMES } from '../helpers/tables.ts';

/** simple-websockets-chat-app would delete `event.requestContext.connectionId`: the sender, not the gone connection. */
describe('sample app bug 2: the gone connection is removed, not the sender', () => {
  let stage: FanoutStage;

  beforeAll(async () => {
    stage = await startFanoutStage();
  });

  afterAll(() => stage.close());

  it.each([true, false])('removes it alone when the sender asked for its echo: %s', async (echo) => {
    const topic = `chat-${String(echo)}`;
    const gone = `GONE-${String(echo)}=`;
    for (const connectionId of ['SENDER=', gone, 'OTHER=']) await stage.subscribe(connectionId, topic);
    stage.statuses.set(gone, 410);
    const { handler: publish } = await import('../../handlers/publish.ts');
    const { handler: broadcast } = await import('../../handlers/broadcast.ts');

    await invokeRoute(publish, { action: 'publish', topic, data: 'hi', echo }, 'SENDER=');
    await invokeStream(broadcast, await stage.newRecords(TABLE_NAMES.topics));

    const left = await scan(stage.engine, TABLE_NAMES.subscriptions, (item) => item['topic']?.S === topic);
    expect(left.map(({ connectionId }) => connectionId?.S ?? '').sort()).toEqual(['OTHER=', 'SENDER=']);
  });
});
