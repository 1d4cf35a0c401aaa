import { type Buckets, startBuckets } from '../../../../local/engine/start-buckets.ts';
import type { InvocationResult, QueueMappingModel } from '../../../../local/model.ts';
import { type RunningQueueMapping, startQueuePoller } from '../../../../local/queues/queue-poller.ts';
import { sendToQueue } from '../../../../local/queues/send-to-queue.ts';
import { eventually } from '../../../helpers/eventually.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000:orders';
const EVENT_BYTES = 6_291_456;

const MAPPING: QueueMappingModel = {
  logicalId: 'Mapping',
  uuid: 'u',
  queueArn: ARN,
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:work',
  enabled: true,
  batchSize: 100,
  maximumBatchingWindowSeconds: 0,
  maximumConcurrency: 1,
  reportBatchItemFailures: false,
  filters: [],
};

describe('the event source mapping of a queue', () => {
  const cleanUps: (() => unknown)[] = [];

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });

  async function start(bodies: readonly string[], answer: () => InvocationResult) {
    const queue = { logicalId: 'Orders', name: 'orders', arn: ARN, url: '', attributes: { VisibilityTimeout: '30' } };
    const buckets: Buckets = await startBuckets([], { queues: [queue] });
    cleanUps.push(() => buckets.stop());
    for (const body of bodies) sendToQueue(buckets.queues)(ARN, body);
    const events: { readonly Records: readonly { readonly attributes: object }[] }[] = [];
    const mapping: RunningQueueMapping = startQueuePoller(MAPPING, {
      queues: buckets.queues,
      invoke: async (_arn, event) => {
        events.push(JSON.parse(JSON.stringify(event)));
        return answer();
      },
      terminal: { warn: () => undefined },
      region: 'us-east-1',
      now: Date.now,
    });
    cleanUps.push(() => mapping.stop());
    return { mapping, events };
  }

  it('is not idle while a failed message waits to be visible again', async () => {
    const failure = { outcome: 'function-error', requestId: 'r', errorType: 'E', errorMessage: 'no' } as const;
    const { mapping, events } = await start(['bad'], () => failure);

    await eventually(() => expect(events).toHaveLength(1));

    expect(mapping.idle()).toBe(false);
    expect(mapping.backlog()).toMatchObject({ records: 1 });
  });

  it('has no batch that is larger than an event may be', async () => {
    // Each of these signs takes two bytes in JSON.
    const bodies = Array.from({ length: 9 }, () => '"'.repeat(500_000));
    const { events } = await start(bodies, () => ({ outcome: 'success', requestId: 'r', payload: null }));

    await eventually(() => expect(events).toHaveLength(2));

    expect(events.map(({ Records }) => Records.length)).toEqual([6, 3]);
    for (const event of events) expect(JSON.stringify(event).length).toBeLessThanOrEqual(EVENT_BYTES);
    const counts = events.flatMap(({ Records }) => Records.map(({ attributes }) => attributes));
    for (const one of counts) expect(one).toMatchObject({ ApproximateReceiveCount: '1' });
  });
});
