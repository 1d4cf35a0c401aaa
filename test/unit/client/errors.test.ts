import * as BOUNDS from '../../../client/src/bounds.ts';
import { RealtimeError } from '../../../client/src/index.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { FakeSockets, settled, subscribedFrame } from '../../helpers/fake-sockets.ts';
import { codesOf } from '../../helpers/publishing-scene.ts';

const DETAILS = [{ path: 'data', reason: 'required' }];

/** The reason of a rejection. */
const reasonOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const [result] = await Promise.allSettled([promise]);
  return result?.status === 'rejected' ? result.reason : 'fulfilled';
};

describe('an error of the client', () => {
  it('has the details of the server', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const errors: unknown[] = [];
    rt.on('error', (error) => errors.push(error));
    const published = reasonOf(rt.publish('news', undefined));

    await socket.refuse('bad-frame', socket.sent.at(-1), { details: DETAILS });
    socket.receive({ type: 'error', code: 'bad-frame', message: 'Refused.', details: DETAILS });

    await expect(published).resolves.toMatchObject({ code: 'bad-frame', details: DETAILS });
    expect(errors).toMatchObject([{ code: 'bad-frame', details: DETAILS }]);
    rt.close();
  });

  it('has the cause of a token that failed', async () => {
    const cause = new Error('signed out');
    const fake = new FakeSockets();
    const rt = fake.connect({ token: () => Promise.reject(cause) });
    const causes: unknown[] = [];
    rt.on('error', (error) => causes.push(error.cause));

    await settled();

    expect(causes).toEqual([cause]);
    rt.close();
  });

  it('stays with a subscription or counter that failed, until it is asked for again', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const subscription = rt.subscribe('t');
    const followed = [subscription, rt.counter('votes')];
    const atTheStateEvent: unknown[] = [];
    subscription.on('state', () => atTheStateEvent.push(subscription.error?.code));
    for (const frame of Array.from(socket.sent)) await socket.refuse('bad-topic', frame, { details: DETAILS });
    const errors = followed.map(({ error }) => error);

    socket.cut();

    expect(errors).toMatchObject([
      { code: 'bad-topic', details: DETAILS },
      { code: 'bad-topic', details: DETAILS },
    ]);
    expect(atTheStateEvent).toEqual(['bad-topic', undefined]);
    expect(followed.map(({ state, error }) => [state, error])).toEqual([
      ['subscribing', undefined],
      ['subscribing', undefined],
    ]);
    rt.close();
  });

  const cyclic: Record<string, unknown> = {};
  cyclic['itself'] = cyclic;

  it.each([
    ['a BigInt', 1n],
    ['a cycle', cyclic],
    ['a toJSON that throws', { toJSON: () => JSON.parse('{') }],
  ])('is a RealtimeError for %s, with the cause, and nothing is sent', async (_, data) => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online({ queueLimit: 1 });

    const options = [{}, { key: 'a' }, { echo: false }];
    const reasons = await Promise.all(options.map((each) => reasonOf(rt.publish('news', data, each))));

    expect(reasons.map((reason) => reason instanceof RealtimeError)).toEqual([true, true, true]);
    expect(reasons).toMatchObject(options.map(() => ({ code: 'bad-frame', cause: expect.any(Error) })));
    expect(socket.sent).toEqual([]);
    rt.close();
  });
});

describe('a frame that is too large', () => {
  const large = 'x'.repeat(LIMITS.DATA_BYTES - 1);

  it('is rejected at once, with or without a key, and nothing is sent', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online({ queueLimit: 1 });

    const codes = await codesOf([
      rt.publish('news', large),
      rt.publish('news', large, { key: 'a' }),
      rt.publish('news', large, { echo: false }),
      rt.publish('news', '€'.repeat(LIMITS.DATA_BYTES / 3 + 1)),
    ]);

    expect(codes).toEqual(['too-large', 'too-large', 'too-large', 'too-large']);
    expect(socket.sent).toEqual([]);
    rt.close();
  });

  it('is one that the server would not take, and no smaller one', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();

    const published = codesOf([rt.publish('t'.repeat(LIMITS.TOPIC_LENGTH), large.slice(1))]);

    expect(BOUNDS.FRAME_BYTES).toBe(LIMITS.FRAME_BYTES);
    expect(Buffer.byteLength(JSON.stringify(socket.sent[0]))).toBeLessThanOrEqual(LIMITS.FRAME_BYTES);
    rt.close();
    await expect(published).resolves.toEqual(['closed']);
  });

  it('is not sent, either, where the name of a topic or counter makes it so', async () => {
    const fake = new FakeSockets();
    const name = 'n'.repeat(LIMITS.FRAME_BYTES);
    const { rt, socket } = fake.online({ topics: [name] });
    const errors: unknown[] = [];
    rt.on('error', ({ code }) => errors.push(code));

    const [subscription, counter] = [rt.subscribe(name), rt.counter(name)];
    const codes = await codesOf([rt.publish(name, 1), counter.increment()]);
    const followed = [subscription, counter].map(({ state, error }) => [state, error?.code]);
    subscription.unsubscribe();
    counter.unsubscribe();
    await settled();
    fake.clock.advance(BOUNDS.IDLE_MS);

    expect(codes).toEqual(['too-large', 'too-large']);
    expect(followed).toEqual([
      ['failed', 'too-large'],
      ['failed', 'too-large'],
    ]);
    expect([socket.framesOf('subscribe', 'unsubscribe', 'publish', 'plus'), errors]).toEqual([[], []]);
    rt.close();
  });

  it('is no ping, however many topics there are', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const topics = Array.from({ length: BOUNDS.TOPICS_PER_CONNECTION }, (_, index) =>
      `${index}`.padEnd(LIMITS.TOPIC_LENGTH, 't'),
    );
    const [epoch, seq] = ['e'.repeat(LIMITS.EPOCH_LENGTH), Number.MAX_SAFE_INTEGER];
    for (const topic of topics) {
      rt.subscribe(topic);
      await socket.ack();
      socket.receive({ ...subscribedFrame(topic), epoch, seq });
    }

    fake.clock.advance(BOUNDS.IDLE_MS * BOUNDS.IDLE_PING_SHARE);

    const [ping] = socket.framesOf('ping');
    expect(Object.keys(Object(ping?.['positions']))).toHaveLength(topics.length);
    expect(Buffer.byteLength(JSON.stringify(ping))).toBeLessThanOrEqual(LIMITS.FRAME_BYTES);
    rt.close();
  });
});

describe('the limit of the queue', () => {
  it('does not count what the library itself sends', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online({ queueLimit: 3 });
    const left = rt.subscribe('left');
    await socket.ack();
    socket.receive(subscribedFrame('left'));
    const waiting = codesOf([1, 2, 3, 4].map((by) => rt.counter('votes').increment(by)));

    rt.subscribe('news');
    left.unsubscribe();

    expect(socket.framesOf('plus')).toHaveLength(3);
    expect(socket.framesOf('subscribe').map(({ topic }) => topic)).toEqual(['left', 'counter:votes', 'news']);
    expect(socket.framesOf('unsubscribe').map(({ topic }) => topic)).toEqual(['left']);
    rt.close();
    await expect(waiting).resolves.toEqual(['closed', 'closed', 'closed', 'queue-full']);
  });

  it('of zero lets nothing be published, and subscribes all the same', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online({ queueLimit: 0 });

    const subscription = rt.subscribe('news');
    socket.receive(subscribedFrame('news'));

    await expect(rt.publish('news', 1)).rejects.toMatchObject({ code: 'queue-full' });
    expect([subscription.state, socket.framesOf('subscribe').length]).toEqual(['live', 1]);
    rt.close();
  });

  it('gives each place back', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online({ queueLimit: 1 });
    const codes: unknown[] = [];
    const counter = { counter: 'votes', value: 1, epoch: 'e', seq: 1 };

    for (const code of ['ack', 'out-of-bounds', 'ack'] as const) {
      const settling = codesOf([rt.counter('votes').increment()]);
      const frame = socket.framesOf('plus').at(-1);
      await (code === 'ack' ? socket.ack(frame, counter) : socket.refuse(code, frame));
      codes.push(...(await settling));
    }

    expect(codes).toEqual(['published', 'out-of-bounds', 'published']);
    rt.close();
  });
});
