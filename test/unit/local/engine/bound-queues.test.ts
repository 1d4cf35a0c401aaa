import { startBuckets } from '../../../../local/engine/start-buckets.ts';
import { boundQueues } from '../../../../local/engine/bound-queues.ts';
import { sendToQueue } from '../../../../local/queues/send-to-queue.ts';
import { eventually } from '../../../helpers/eventually.ts';

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

  it('bounds messages that are not due yet, too', () => {
    const queue = open('later', {});
    const { createMessage } = Object(server.queues.constructor);
    const delayUntil = Date.now() + 900_000;
    for (const body of ['a', 'b', 'c', 'd', 'e']) queue.enqueue({ ...createMessage(body), delayUntil });

    expect(queue.delayedMessages.map(({ body }) => body)).toEqual(['c', 'd', 'e']);
  });

  it('forgets the groups whose messages are gone', () => {
    const queue = open('groups.fifo', { FifoQueue: 'true' });
    const { createMessage } = Object(server.queues.constructor);
    for (const messageGroupId of ['a', 'b', 'c', 'd', 'e']) queue.enqueue({ ...createMessage('x'), messageGroupId });

    expect([...queue.fifoMessages.keys()]).toEqual(['c', 'd', 'e']);
  });

  it('hands out no message that is older than its retention', () => {
    let time = Date.now();
    const queue = open('stale', { MessageRetentionPeriod: '60' }, { now: () => time });
    sendToQueue(server.queues)(arnOf('stale'), 'early');
    time += 61_000;

    expect(queue.dequeue(10)).toEqual([]);
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

interface Answer {
  readonly Messages?: readonly { readonly Body: string; readonly ReceiptHandle: string }[];
  readonly __type?: string;
}

describe('a queue from which more is received than deleted', () => {
  let server: Awaited<ReturnType<typeof startBuckets>>;
  beforeEach(async () => {
    server = await startBuckets([], { inFlightMaximum: 2 });
  });
  afterEach(() => server.stop());

  const open = (name: string, attributes: Record<string, string> = {}) => {
    const QueueUrl = `${server.endpoint}/000000000000/${name}`;
    server.queues.createQueue(name, QueueUrl, arnOf(name), attributes);
    return async (operation: string, input: object = {}) => {
      const headers = { 'x-amz-target': `AmazonSQS.${operation}`, 'content-type': 'application/x-amz-json-1.0' };
      const body = JSON.stringify({ QueueUrl, MaxNumberOfMessages: 10, ...input });
      const response = await fetch(server.endpoint, { method: 'POST', headers, body });
      const answer: Answer = JSON.parse(await response.text());
      const { Messages: messages = [], ['__type']: error } = answer;
      return { status: response.status, error, messages };
    };
  };

  it('hands out no more than may be in flight, and says so to a poll that does not wait', async () => {
    const call = open('full');
    for (const body of ['a', 'b', 'c']) sendToQueue(server.queues)(arnOf('full'), body);

    const first = await call('ReceiveMessage');
    const refused = await call('ReceiveMessage');
    const waiting = await call('ReceiveMessage', { WaitTimeSeconds: 1 });
    server.queues.getQueueByArn(arnOf('full'))?.deleteMessage(first.messages[0]?.ReceiptHandle ?? '');
    const next = await call('ReceiveMessage');

    expect(first.messages).toHaveLength(2);
    expect(refused).toMatchObject({ status: 403, error: 'com.amazonaws.sqs#OverLimit' });
    expect(waiting).toMatchObject({ status: 200, messages: [] });
    expect(next.messages.map(({ Body }) => Body)).toEqual(['c']);
  });

  it('answers a poll of a queue in order with nothing', async () => {
    const call = open('full.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    for (const MessageGroupId of ['a', 'b', 'c'])
      await call('SendMessage', { MessageBody: MessageGroupId, MessageGroupId });

    expect((await call('ReceiveMessage')).messages).toHaveLength(2);
    expect(await call('ReceiveMessage')).toMatchObject({ status: 200, messages: [] });
  });

  it('has messages again whose time is over', async () => {
    const call = open('short', { VisibilityTimeout: '0' });
    for (const body of ['a', 'b']) sendToQueue(server.queues)(arnOf('short'), body);

    expect((await call('ReceiveMessage')).messages).toHaveLength(2);
    await eventually(async () => expect((await call('ReceiveMessage')).messages).toHaveLength(2));
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

  it('is refused when its body is too large, also where nothing says how large it is', async () => {
    const server = await startBuckets([], { authorizeQueue: () => undefined });
    let sent = 0;
    const chunk = new Uint8Array(65_536);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += chunk.length;
        if (sent > 40_000_000) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessage',
      authorization: 'AWS4-HMAC-SHA256 Credential=x',
    };
    const answer = await fetch(server.endpoint, { method: 'POST', headers, body, duplex: 'half' }).then(
      ({ status }) => status,
      () => 'cut',
    );
    await server.stop();

    expect([413, 'cut']).toContain(answer);
    expect(sent).toBeLessThan(20_000_000);
  });
});
