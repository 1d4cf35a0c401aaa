import * as BOUNDS from '../../../client/src/bounds.ts';
import { FakeSockets, settled, subscribedFrame } from '../../helpers/fake-sockets.ts';

const LIFETIME_MS = 10_000;

/** The age at which such a connection is renewed, with the randomness of `FakeSockets`. */
const RENEWAL_DUE_MS = (LIFETIME_MS * (BOUNDS.RENEW_FROM_SHARE + BOUNDS.RENEW_TO_SHARE)) / 2;

/** The option of a subscription that the URL cannot name. */
const BY_FRAME = { batch: false } as const;

const topicFrames = ({ socket }: FakeSockets): unknown[] =>
  socket.framesOf('subscribe', 'unsubscribe').map(({ action, topic }) => `${String(action)} ${String(topic)}`);

describe('subscribe and unsubscribe frames of one topic', () => {
  it('wait for each other, so that the last one is handled last', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();

    rt.subscribe('t').unsubscribe();
    const again = rt.subscribe('t');
    rt.subscribe('other');
    const atFirst = topicFrames(fake);
    await socket.ack(socket.sent[0]);

    // The unsubscribe was superseded before it was sent: the topic is to be subscribed to, as it is.
    expect(atFirst).toEqual(['subscribe t', 'subscribe t', 'subscribe other']);
    expect(topicFrames(fake)).toEqual(atFirst);
    socket.receive(subscribedFrame('t'));
    expect(again.state).toBe('live');
    rt.close();
  });

  it('are sent once the one before is acknowledged', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const first = rt.subscribe('t');
    await socket.ack();
    socket.receive(subscribedFrame('t'));

    first.unsubscribe();
    const second = rt.subscribe('t');
    const beforeTheAck = topicFrames(fake);
    await socket.ack();

    expect(beforeTheAck).toEqual(['subscribe t', 'unsubscribe t']);
    expect(topicFrames(fake)).toEqual(['subscribe t', 'unsubscribe t', 'subscribe t']);
    expect(second.state).toBe('subscribing');
    rt.close();
  });

  it('are sent, too, once the one before is refused or not answered', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const topics = ['refused', 'silent'];
    const firsts = topics.map((topic) => rt.subscribe(topic));
    for (const frame of Array.from(socket.sent)) await socket.ack(frame);
    socket.receive(...topics.map((topic) => subscribedFrame(topic)));
    for (const first of firsts) first.unsubscribe();
    const errors: unknown[] = [];
    rt.on('error', ({ code }) => errors.push(code));

    for (const topic of topics) rt.subscribe(topic);
    await socket.refuse('unavailable', socket.framesOf('unsubscribe')[0]);
    const afterTheRefusal = topicFrames(fake).slice(4);
    for (let waitedMs = 0; waitedMs < BOUNDS.TOPIC_REQUEST_TIMEOUT_MS; waitedMs += 1_000) {
      socket.receive({ type: 'pong' });
      fake.clock.advance(1_000);
    }
    await settled();

    expect(afterTheRefusal).toEqual(['subscribe refused']);
    expect(topicFrames(fake)).toContain('subscribe silent');
    expect(errors).toEqual(['unavailable', 'timeout']);
    rt.close();
  });

  it('do not let a late answer make the topic live while it is being unsubscribed', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const first = rt.subscribe('t');
    await socket.ack();
    first.unsubscribe();
    const second = rt.subscribe('t');

    socket.receive(subscribedFrame('t'));
    const whileUnsubscribing = second.state;
    await socket.ack();
    socket.receive(subscribedFrame('t'));

    expect([whileUnsubscribing, second.state]).toEqual(['subscribing', 'live']);
    rt.close();
  });

  it('are repeated when the newest of them failed, though an answer to an earlier one came', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const first = rt.subscribe('t');
    await socket.ack();
    first.unsubscribe();
    const second = rt.subscribe('t');
    await socket.ack();
    // The answer to the first one, late.
    socket.receive(subscribedFrame('t'));

    await socket.refuse('unavailable');
    fake.clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);

    expect(second.state).toBe('live');
    expect(topicFrames(fake)).toEqual(['subscribe t', 'unsubscribe t', 'subscribe t', 'subscribe t']);
    rt.close();
  });

  it('are not kept for later, however often a topic is left and subscribed to again', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    let subscription = rt.subscribe('t');
    await socket.ack();
    for (let count = 0; count < 1_000; count += 1) {
      subscription.unsubscribe();
      subscription = rt.subscribe('t');
    }

    await socket.ack();
    await socket.ack();

    expect(topicFrames(fake)).toEqual(['subscribe t', 'unsubscribe t', 'subscribe t']);
    rt.close();
  });

  it('are few, however often a topic is left and subscribed to before the first answer', () => {
    const fake = new FakeSockets();
    const { rt } = fake.online();

    for (let count = 0; count < 1_000; count += 1) rt.subscribe('t').unsubscribe();
    rt.subscribe('t');

    expect(topicFrames(fake)).toEqual(Array.from({ length: BOUNDS.TOPIC_REQUESTS }, () => 'subscribe t'));
    rt.close();
  });

  it('wait for each other on the next connection of a renewal, and a frame of the old one is not sent by it', async () => {
    const fake = new FakeSockets();
    const { rt, socket: old } = fake.online({ lifetimeMs: LIFETIME_MS });
    const [news, chat] = [rt.subscribe('news', BY_FRAME), rt.subscribe('chat', BY_FRAME)];
    for (const frame of Array.from(old.sent)) await old.ack(frame);
    old.receive(subscribedFrame('news'), subscribedFrame('chat'));
    fake.clock.advance(RENEWAL_DUE_MS);
    const next = fake.socket.open();

    news.unsubscribe();
    next.receive(subscribedFrame('chat'));
    const atPromotion = topicFrames(fake);
    await next.ack(next.sent[0]);

    expect(old.framesOf('unsubscribe')).toHaveLength(1);
    expect(atPromotion).toEqual(['subscribe news', 'subscribe chat']);
    expect(topicFrames(fake)).toEqual(['subscribe news', 'subscribe chat', 'unsubscribe news']);
    expect([old.isClosed, chat.state]).toEqual([true, 'live']);
    rt.close();
  });

  it('are sent by the current connection when the next one, which alone had them, is lost', async () => {
    const fake = new FakeSockets();
    const { rt, socket: old } = fake.online({ lifetimeMs: LIFETIME_MS });
    rt.subscribe('slow', BY_FRAME);
    await old.ack();
    old.receive(subscribedFrame('slow'));
    fake.clock.advance(RENEWAL_DUE_MS);
    const next = fake.socket.open();
    const late = rt.subscribe('late');
    next.receive(subscribedFrame('late'));

    next.cut();

    expect(next.framesOf('subscribe').map(({ topic }) => topic)).toEqual(['slow', 'late']);
    expect(old.framesOf('subscribe').map(({ topic }) => topic)).toEqual(['slow', 'slow', 'late']);
    expect(late.state).toBe('live');
    rt.close();
  });

  it('are sent once by a new connection', () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    rt.subscribe('t', BY_FRAME);
    socket.receive(subscribedFrame('t'));
    socket.cut();
    fake.clock.advance(BOUNDS.RECONNECT_CAP_MS);

    fake.socket.open();

    expect(topicFrames(fake)).toEqual(['subscribe t']);
    rt.close();
  });
});
