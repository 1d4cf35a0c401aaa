import { removeConnection } from '../../shared/store/subscribers.ts';
import { type FanoutStage, invokeStream, startFanoutStage } from '../helpers/fanout-stage.ts';
import { intercept } from '../helpers/intercept.ts';
import { disconnectEvent, lambdaContext } from '../helpers/lambda-events.ts';
import { openTopics, scan } from '../helpers/store-engine.ts';
import { TABLE_NAMES } from '../helpers/tables.ts';

/**
 * websocket-chat-application builds its delete with the wrong key and never sends it; failures are dropped. Here the
 * records are gone when the Lambda has answered: what it would do after that, a frozen environment may never do.
 */
describe('sample app bug 8: deletes are really sent and awaited', () => {
  let stage: FanoutStage;

  beforeAll(async () => {
    stage = await startFanoutStage();
  });

  afterAll(() => stage.close());

  const recordsOf = (id: string) =>
    scan(stage.engine, TABLE_NAMES.subscriptions, ({ connectionId }) => connectionId?.S === id);

  it('by broadcast, for each gone connection and all of its topics', async () => {
    const gone = Array.from({ length: 12 }, (_, i) => `GONE${i}=`);
    for (const connectionId of gone) {
      await stage.subscribe(connectionId, 'chat');
      await stage.subscribe(connectionId, 'elsewhere');
      stage.statuses.set(connectionId, 410);
    }
    const { handler: broadcast } = await import('../../handlers/broadcast.ts');
    await openTopics(stage.engine).publish({ topic: 'chat', messages: ['1'] });

    await invokeStream(broadcast, await stage.newRecords(TABLE_NAMES.topics));

    expect(await scan(stage.engine, TABLE_NAMES.subscriptions, () => true)).toEqual([]);
  });

  it('by $disconnect', async () => {
    await stage.subscribe('BYE=', 'chat');
    const { handler: disconnect } = await import('../../handlers/disconnect.ts');

    await disconnect(disconnectEvent('BYE='), lambdaContext);

    expect(await recordsOf('BYE=')).toEqual([]);
  });

  it('and a delete that fails is not dropped', async () => {
    await stage.subscribe('STUCK=', 'chat');
    const client = stage.engine.newClient();
    intercept(client, async ({ command, proceed }) => {
      if (command === 'BatchWriteItemCommand') throw new Error('table down');
      return proceed();
    });

    const removal = removeConnection({ client, table: TABLE_NAMES.subscriptions }, 'STUCK=');

    await expect(removal).rejects.toThrow('table down');
    expect(await recordsOf('STUCK=')).toHaveLength(2);
  });
});
