import { startBuckets } from '../../../../local/engine/start-buckets.ts';
import { boundQueues } from '../../../../local/engine/bound-queues.ts';
import { sendToQueue } from '../../../../local/queues/send-to-queue.ts';

const REGION = 'us-east-1';
const arnOf = (name: string): string => `arn:aws:sqs:${REGION}:000000000000:${name}`;

describe('a queue that nobody reads', () => {
  let server: Awaited<ReturnType<typeof startBuckets>>;
  let lines: string[];
  beforeEach(async () => {
    server = await startBuckets([], {});
    lines = [];
  });
  afterEach(() => server.stop());

  const open = (name: string, attributes: Record<string, string>, deps: { now?: () => number } = {}) => {
    boundQueues(server.queues, { warn: (line) => void lines.push(line), messagesMaximum: 3, ...deps });
    return server.queues.createQueue(name, `${server.endpoint}/000000000000/${name}`, arnOf(name), attributes);
  };

  it('keeps the newest messages only, and says so once', () => {
    const queue = open('dead', {});
    for (const body of ['a', 'b', 'c', 'd', 'e']) sendToQueue(server.queues)(arnOf('dead'), body);

    expect(queue.messages.map(({ body }) => body)).toEqual(['c', 'd', 'e']);
    expect(lines).toEqual(['dead: over 3 messages wait, the oldest are dropped']);
  });

  it('keeps the newest of all groups of a queue in order', () => {
    const queue = open('dead.fifo', { FifoQueue: 'true' });
    const enqueue = (messageGroupId: string, sentTimestamp: number): void => {
      const { createMessage } = Object(server.queues.constructor);
      queue.enqueue({ ...createMessage(messageGroupId), messageGroupId, sentTimestamp });
    };
    const now = Date.now();
    for (const [at, group] of ['a', 'a', 'b', 'a', 'b'].entries()) enqueue(group, now + at);

    expect([...queue.fifoMessages].map(([group, messages]) => [group, messages.length])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('drops what is older than the retention of the queue', () => {
    let time = Date.now();
    const queue = open('old', { MessageRetentionPeriod: '60' }, { now: () => time });
    sendToQueue(server.queues)(arnOf('old'), 'early');
    time += 61_000;
    sendToQueue(server.queues)(arnOf('old'), 'late');

    expect(queue.messages.map(({ body }) => body)).toEqual(['late']);
  });
});

describe('a signed call of SQS', () => {
  it('is verified with its body', async () => {
    const seen: (string | undefined)[] = [];
    const server = await startBuckets([], {
      queues: [
        {
          logicalId: 'Q',
          name: 'q',
          arn: arnOf('q'),
          url: 'https://sqs.us-east-1.amazonaws.com/000000000000/q',
          attributes: {},
        },
      ],
      authorizeQueue: ({ signed }) => void seen.push(signed.body?.toString()),
    });
    const body = JSON.stringify({ QueueUrl: `${server.endpoint}/000000000000/q`, MessageBody: 'tea' });
    const sent = await fetch(server.endpoint, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=x',
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.SendMessage',
      },
      body,
    });
    await server.stop();

    expect(sent.status).toBe(200);
    expect(seen).toEqual([body]);
  });
});
