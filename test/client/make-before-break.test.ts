import { type AttributeValue, DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { WebSocket } from 'ws';
import { connect, type Realtime, type SocketClass } from '../../client/src/index.ts';
import { collect } from '../helpers/collect.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';
import { ARCHIVE_HOLE_MS } from '../../shared/fanout/catch-up/recover.ts';
import { REQUEST_TIMEOUT_MS } from '../helpers/patience.ts';

const TOPICS = ['alpha', 'beta', 'gamma'] as const;

/** Fifty messages a second. */
const EVERY_MS = 20;
/** Rounds without their answers at which a busy machine is given time. */
const WAITING = 5;

/** The age in ms at which the server closes a connection. Every client here lives longer. */
const SERVER_LIFETIME_MS = 10_000;

/** The lifetime in ms given to a client that must renew its connection often. */
const SHORT_LIFETIME_MS = 700;

const run = (to: number): number[] => Array.from({ length: to }, (_, index) => index + 1);

/** Sockets that a test can count and cut. */
function countedSockets() {
  const opened: WebSocket[] = [];
  class Counted extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols, { perMessageDeflate: false });
      this.on('open', () => opened.push(this));
    }
  }
  const socketClass: SocketClass = Counted;
  return { opened, socketClass };
}

/** Publishes at a steady rate, topic by topic, until told to stop; resolves to how many went to each. */
function publishSteadily(rt: Realtime) {
  const acks: Promise<unknown>[] = [];
  let [rounds, waiting] = [0, 0];
  const timer = setInterval(() => {
    if (waiting >= WAITING) return;
    const topic = TOPICS[rounds % TOPICS.length] ?? 'alpha';
    rounds += 1;
    waiting += 1;
    const both = Promise.all([rt.publish(topic, rounds), rt.counter('votes').increment()]);
    acks.push(both.finally(() => (waiting -= 1)));
  }, EVERY_MS);
  return async (): Promise<Readonly<Record<string, number>>> => {
    clearInterval(timer);
    await Promise.all(acks);
    const count = (index: number) => Math.ceil((rounds - index) / TOPICS.length);
    return { alpha: count(0), beta: count(1), gamma: count(2), votes: rounds };
  };
}

/** Backdates an archived message, so that gaps before it in the archive count as final. */
async function makeOld({ dynamodb, output }: RuntimeBench, Key: Record<string, AttributeValue>): Promise<void> {
  const UpdateExpression = 'SET publishedAt = :then';
  const ExpressionAttributeValues = { ':then': { N: String(Date.now() - ARCHIVE_HOLE_MS) } };
  await dynamodb.send(
    new UpdateItemCommand({ TableName: output('MessagesTable'), Key, UpdateExpression, ExpressionAttributeValues }),
  );
}

describe('a client of a running backend', () => {
  let bench: RuntimeBench;
  const clients: Realtime[] = [];
  let topicCount = 0;

  beforeAll(async () => {
    bench = await startBench({}, { limits: { gateway: { durationMs: SERVER_LIFETIME_MS } } });
  });

  afterEach(() => {
    for (const rt of clients.splice(0)) rt.close();
  });

  afterAll(() => bench.stop());

  const open = (options: Parameters<typeof connect>[1] = {}): Realtime => {
    const rt = connect(bench.runtime.url, { requestTimeoutMs: REQUEST_TIMEOUT_MS, ...options });
    clients.push(rt);
    return rt;
  };

  const newTopic = (): string => {
    topicCount += 1;
    return `topic-${topicCount}`;
  };

  it('is renewed twenty times under load, and every message comes once and in order', async () => {
    const { opened, socketClass } = countedSockets();
    const listener = open({ socketClass, lifetimeMs: SHORT_LIFETIME_MS });
    const publisher = open({ lifetimeMs: SERVER_LIFETIME_MS });
    const followed = TOPICS.map((topic) => collect(listener.subscribe(topic)));
    const statuses: string[] = [];
    const values: number[] = [];
    const votes = listener.counter('votes');
    votes.on('change', (value) => values.push(value));
    await eventually(() => followed.every(({ subscription }) => subscription.state === 'live'), 'subscribed');
    listener.on('status', (status) => statuses.push(status));
    const stop = publishSteadily(publisher);

    await eventually(() => opened.length > 20, 'renewed twenty times');
    const published = await stop();
    await eventually(
      () =>
        followed.every(({ seqs, topic }) => seqs.length >= (published[topic] ?? 0)) &&
        votes.value === published['votes'],
      'all has come',
    );

    expect(followed.map(({ seqs }) => seqs)).toEqual(TOPICS.map((topic) => run(published[topic] ?? 0)));
    // Before the first message environments are cold: a renewal may then take longer than its connection has left.
    const interruptions = followed.flatMap(({ recoveries }) => recoveries.filter(({ last }) => last.seq > 0));
    expect([...followed.flatMap(({ gaps }) => gaps), ...interruptions]).toEqual([]);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    // And so the first connection may end before the next one is there: the client is then back at once.
    expect(statuses.slice(2)).toEqual([]);
  });

  it('whose sockets break under load gets every message once and in order', async () => {
    const { opened, socketClass } = countedSockets();
    const topic = newTopic();
    const listener = open({ socketClass, random: () => 0.01, lifetimeMs: SERVER_LIFETIME_MS });
    const publisher = open({ lifetimeMs: SERVER_LIFETIME_MS });
    const { subscription, seqs, gaps, recoveries } = collect(listener.subscribe(topic));
    await eventually(() => expect(subscription.state).toBe('live'), 'subscribed');
    const acks: Promise<unknown>[] = [];
    const timer = setInterval(() => acks.push(publisher.publish(topic, acks.length)), EVERY_MS);

    for (const cut of run(8)) {
      await eventually(() => opened.length >= cut && seqs.length >= cut * 10, 'under way');
      opened.at(-1)?.terminate();
    }
    clearInterval(timer);
    await Promise.all(acks);
    await eventually(() => seqs.length >= acks.length, 'all has come');

    expect(seqs).toEqual(run(acks.length));
    expect(gaps).toEqual([]);
    expect(recoveries.map(({ recovered }) => recovered)).toEqual(recoveries.map(() => true));
  });

  it('that the server sends away in order is back with all that it missed', async () => {
    const { opened, socketClass } = countedSockets();
    const topic = newTopic();
    // It believes that connections live for two hours.
    const listener = open({ socketClass });
    const publisher = open({ lifetimeMs: SERVER_LIFETIME_MS });
    const { subscription, seqs, gaps } = collect(listener.subscribe(topic));
    await eventually(() => expect(subscription.state).toBe('live'), 'subscribed');
    const acks: Promise<unknown>[] = [];
    const timer = setInterval(() => acks.push(publisher.publish(topic, acks.length)), EVERY_MS);

    await eventually(() => opened.length > 1, 'sent away');
    clearInterval(timer);
    await Promise.all(acks);
    await eventually(() => seqs.length >= acks.length, 'all has come');

    expect(seqs).toEqual(run(acks.length));
    expect(gaps).toEqual([]);
  });

  it('publishes exactly once what it published while it was offline or being cut off', async () => {
    const { opened, socketClass } = countedSockets();
    const topic = newTopic();
    const reader = collect(open({ lifetimeMs: SERVER_LIFETIME_MS }).subscribe(topic));
    const writer = open({ socketClass, random: () => 0.01, lifetimeMs: SERVER_LIFETIME_MS });
    await eventually(() => reader.subscription.state === 'live' && writer.status === 'online', 'both are there');

    const acks: Promise<{ readonly seq: number }>[] = [];
    for (const round of run(5)) {
      for (const each of run(6)) acks.push(writer.publish(topic, `${round}.${each}`));
      opened.at(-1)?.terminate();
      for (const each of run(4)) acks.push(writer.publish(topic, `${round}.late.${each}`));
      await eventually(() => opened.length > round && writer.status === 'online', 'back');
    }
    const seqs = (await Promise.all(acks)).map(({ seq }) => seq);
    await eventually(() => reader.seqs.length >= acks.length, 'all has come');

    expect(seqs.toSorted((a, b) => a - b)).toEqual(run(acks.length));
    expect(reader.seqs).toEqual(run(acks.length));
    expect(new Set(reader.data).size).toBe(acks.length);
  });

  it('is told once that messages are lost when the archive has them no more', async () => {
    const { opened, socketClass } = countedSockets();
    const archived = Promise.withResolvers<string>();
    const topic = newTopic();
    const writer = open({ lifetimeMs: SERVER_LIFETIME_MS });
    // It comes back when it is let, and not before.
    const gates = [Promise.resolve('first'), archived.promise];
    const token = () => gates.shift() ?? 'later';
    const listener = open({ socketClass, token, lifetimeMs: SERVER_LIFETIME_MS });
    const { subscription, seqs, gaps, recoveries } = collect(listener.subscribe(topic));
    await eventually(() => expect(subscription.state).toBe('live'), 'subscribed');
    await writer.publish(topic, 'heard');
    await eventually(() => expect(seqs).toHaveLength(1), 'the first has come');

    opened.at(-1)?.terminate();
    await eventually(() => listener.status !== 'online', 'cut off');
    for (const each of run(3)) await writer.publish(topic, each);
    await eventually(() => bench.runtime.idle(), 'archived');
    const TableName = bench.output('MessagesTable');
    for (const seq of [2, 3]) {
      await bench.dynamodb.send(
        new DeleteItemCommand({ TableName, Key: { topic: { S: topic }, seq: { N: String(seq) } } }),
      );
    }
    await makeOld(bench, { topic: { S: topic }, seq: { N: '4' } });
    archived.resolve('second');
    await eventually(() => recoveries.length > 0, 'it is told');
    await writer.publish(topic, 'after');
    await eventually(() => expect(seqs).toContain(5), 'it goes on');

    expect(seqs).toEqual([1, 5]);
    expect(gaps).toMatchObject([{ last: { seq: 1 }, now: { seq: 4 } }]);
    expect(recoveries).toMatchObject([{ recovered: false, last: { seq: 1 }, now: { seq: 4 }, lost: 3 }]);
  });
});
