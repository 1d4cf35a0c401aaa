import type { ClosedTopic, Realtime, Subscription } from '../../../client/src/index.ts';
import { FakeSockets, settled } from '../../helpers/fake-sockets.ts';

const message = (seq: number, more: object = {}) => ({
  type: 'message',
  topic: 'news',
  epoch: 'e',
  seq,
  data: seq,
  publishedAt: '2026-11-30T10:00:00.000Z',
  ...more,
});

const subscribed = (seq: number, more: object = {}) => ({
  type: 'subscribed',
  topic: 'news',
  epoch: 'e',
  seq,
  recovered: true,
  messages: [],
  ...more,
});

const CLOSED = { closed: true } as const;

describe('a topic that is closed', () => {
  let sockets: FakeSockets;
  let rt: Realtime;
  let heard: unknown[];

  beforeEach(() => {
    sockets = new FakeSockets();
    rt = sockets.connect();
    sockets.socket.open();
    heard = [];
  });

  afterEach(() => rt.close());

  /** Writes down the messages and the ends in their order. */
  function listen(subscription: Subscription): Subscription {
    subscription.on('message', ({ seq }) => heard.push(seq));
    subscription.on('closed', ({ topic, seq }: ClosedTopic) => heard.push(`${topic} closed at ${seq}`));
    return subscription;
  }

  it('is told after its last message, once', () => {
    const news = listen(rt.subscribe('news'));
    sockets.socket.receive(subscribed(0), message(1), message(2, CLOSED), message(2, CLOSED), message(2));

    expect(heard).toEqual([1, 2, 'news closed at 2']);
    expect(news.closedAt).toEqual({ epoch: 'e', seq: 2 });
  });

  it('is told when its last message comes again and says so', () => {
    const news = listen(rt.subscribe('news'));
    sockets.socket.receive(subscribed(0), message(1));
    const before = news.closedAt;
    sockets.socket.receive(message(1, CLOSED));

    expect([before, heard]).toEqual([undefined, [1, 'news closed at 1']]);
  });

  it('is told to one who subscribes later, after what was missed', () => {
    listen(rt.subscribe('news', { history: 2 }));
    sockets.socket.receive(subscribed(3, { ...CLOSED, messages: [message(2), message(3)] }));

    expect(heard).toEqual([2, 3, 'news closed at 3']);
  });

  it('is not told before a message that is missing has come', () => {
    listen(rt.subscribe('news'));
    sockets.socket.receive(subscribed(0), message(1), message(3, CLOSED));
    const before = [...heard];
    sockets.socket.receive(subscribed(3, { ...CLOSED, messages: [message(2), message(3)] }));

    expect(before).toEqual([1]);
    expect(heard).toEqual([1, 2, 3, 'news closed at 3']);
  });

  it('is told once over a reconnect, and again when it began anew', () => {
    listen(rt.subscribe('news'));
    sockets.socket.receive(subscribed(0), message(1, CLOSED));
    sockets.socket.cut();
    sockets.clock.advance(60_000);
    sockets.socket.open().receive(subscribed(1, CLOSED));
    const before = [...heard];
    sockets.socket.receive(subscribed(2, { ...CLOSED, epoch: 'f', recovered: false }));
    sockets.socket.receive(subscribed(2, { ...CLOSED, epoch: 'f', recovered: false }));

    expect(before).toEqual([1, 'news closed at 1']);
    expect(heard).toEqual([1, 'news closed at 1', 'news closed at 2']);
  });

  it('is told to a handle that joins, after its history', async () => {
    rt.subscribe('news');
    sockets.socket.receive(subscribed(2, CLOSED));
    listen(rt.subscribe('news', { history: 2 }));
    await settled();
    const before = [...heard];
    sockets.socket.receive(subscribed(2, { ...CLOSED, messages: [message(1), message(2)] }));

    expect(before).toEqual([]);
    expect(heard).toEqual([1, 2, 'news closed at 2']);
  });

  it('ends a loop over its messages, also one that begins later', async () => {
    const news = rt.subscribe('news');
    const loop = Array.fromAsync(news);
    sockets.socket.receive(subscribed(0), message(1), message(2, CLOSED));

    expect((await loop).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(await Array.fromAsync(news)).toEqual([]);
  });

  it('is told of one under a wildcard, whose loop goes on', async () => {
    const all = listen(rt.subscribe('a/*'));
    const [one, other] = [{ topic: 'a/1' }, { topic: 'a/2' }];
    sockets.socket.receive({ ...subscribed(0), topic: 'a/*', epoch: null });
    const iterator = all[Symbol.asyncIterator]();
    sockets.socket.receive(message(1, { ...one, ...CLOSED }), message(1, other));

    expect(heard).toEqual([1, 'a/1 closed at 1', 1]);
    expect([(await iterator.next()).value?.topic, (await iterator.next()).value?.topic]).toEqual(['a/1', 'a/2']);
  });

  it('refuses a publish with a code', async () => {
    const published = rt.publish('news', 1);
    void sockets.socket.refuse('topic-closed');

    await expect(published).rejects.toMatchObject({ code: 'topic-closed' });
  });
});
