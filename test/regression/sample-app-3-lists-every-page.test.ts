import { batchWrite } from '../../shared/store/batch-write.ts';
import { subscriptionItem } from '../../shared/store/subscription-record.ts';
import { type FanoutStage, invokeStream, startFanoutStage } from '../helpers/fanout-stage.ts';
import { CONNECTED_AT } from '../helpers/lambda-events.ts';
import { openTopics } from '../helpers/store-engine.ts';
import { TABLE_NAMES } from '../helpers/tables.ts';

/** The number and the length of ids that make over 1 MB of index entries: more than one page of DynamoDB. */
const SUBSCRIBERS = 700;
const ID_LENGTH = 1_800;

/** simple-websockets-chat-app scans one page: past 1 MB the rest of the connections get nothing, in silence. */
describe('sample app bug 3: every page of the subscribers is listed', () => {
  let stage: FanoutStage;

  beforeAll(async () => {
    stage = await startFanoutStage();
  });

  afterAll(() => stage.close());

  it('delivers to all of a topic whose subscribers fill more than one page', async () => {
    const ids = Array.from({ length: SUBSCRIBERS }, (_, i) => `${String(i).padStart(ID_LENGTH, 'x')}=`);
    const requests = ids.map((connectionId) => ({
      PutRequest: { Item: subscriptionItem({ connectionId, connectedAt: CONNECTED_AT }, { topic: 'crowd' }, 'r') },
    }));
    await batchWrite(stage.engine.client, TABLE_NAMES.subscriptions, requests);
    const { handler: broadcast } = await import('../../handlers/broadcast.ts');

    await openTopics(stage.engine).publish({ topic: 'crowd', messages: ['"hi"'] });
    const failures = await invokeStream(broadcast, await stage.newRecords(TABLE_NAMES.topics));

    expect(failures).toEqual([]);
    expect(new Set(stage.received.keys())).toEqual(new Set(ids));
  });
});
