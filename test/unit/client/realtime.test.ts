import { BOUNDS } from '../../../client/src/bounds.ts';
import { connect, type Gap, type Message, type Realtime } from '../../../client/src/index.ts';
import { eventually } from '../../helpers/eventually.ts';
import { FakeBackend } from '../../helpers/fake-backend.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { until } from '../../helpers/until.ts';

/** Real sockets against a small server; only time stands still until a test moves it. */
describe('a client', () => {
  const clients: Realtime[] = [];
  let backend: FakeBackend;
  let clock: ManualClock;
  let url: string;
  let port: number;

  const open = (topics: readonly string[] = []): Realtime => {
    const rt = connect(url, { topics, clock, random: () => 0.5 });
    clients.push(rt);
    return rt;
  };

  const online = async (rt: Realtime): Promise<Realtime> => {
    if (rt.status !== 'online')
      await until(
        (listener) => rt.on('status', listener),
        (status) => status === 'online',
      );
    return rt;
  };

  const reconnect = async (rt: Realtime): Promise<void> => {
    if (rt.status === 'online')
      await until(
        (listener) => rt.on('status', listener),
        (status) => status === 'offline',
      );
    clock.advance(BOUNDS.RECONNECT_CAP_MS);
    await online(rt);
  };

  const follow = async (rt: Realtime, topic: string, options = {}) => {
    const subscription = rt.subscribe(topic, options);
    const seqs: number[] = [];
    const gaps: Gap[] = [];
    subscription.on('message', ({ seq }: Message) => seqs.push(seq));
    subscription.on('gap', (gap) => gaps.push(gap));
    await until((listener) => subscription.on('subscribed', listener));
    return { subscription, seqs, gaps };
  };

  const framesOf = (action: string) => backend.received.filter((frame) => frame.action === action);

  beforeEach(async () => {
    backend = new FakeBackend();
    clock = new ManualClock();
    ({ url, port } = await backend.start());
  });

  afterEach(async () => {
    for (const rt of clients.splice(0)) rt.close();
    await backend.stop();
  });

  describe('connecting', () => {
    it('goes from connecting to online', async () => {
      const rt = open();
      const before = rt.status;

      await online(rt);

      expect([before, rt.status]).toEqual(['connecting', 'online']);
    });

    it('subscribes to nothing by its URL, unless told to', async () => {
      await online(open());
      await online(open(['news', 'counter:votes']));

      expect(backend.opened).toEqual(['/live?topics=', '/live?topics=news%2Ccounter%3Avotes']);
    });

    it('throws for a URL that is none', () => {
      expect(() => connect('not a url')).toThrow();
    });

    it('comes back by itself when the server does', async () => {
      const rt = await online(open());
      await backend.stop();
      backend = new FakeBackend();
      await backend.start({ port });

      await reconnect(rt);

      expect(rt.status).toBe('online');
    });

    it('leaves no timer behind when it is closed', async () => {
      const rt = await online(open());
      await follow(rt, 'news');
      const pending = rt.publish('news', 1);

      rt.close();

      await expect(pending).rejects.toMatchObject({ code: 'closed' });
      expect(rt.status).toBe('closed');
      expect(clock.pending).toBe(0);
      expect(() => rt.subscribe('other')).toThrow('closed');
    });
  });

  describe('staying alive', () => {
    it('pings when idle, with where it stands', async () => {
      const rt = await online(open());
      backend.publish('news', 'first');
      await follow(rt, 'news');

      clock.advance(BOUNDS.IDLE_PING_MS);
      await eventually(() => framesOf('ping').length === 1);

      expect(framesOf('ping')[0]).toMatchObject({ positions: { news: { epoch: 'epoch-1', seq: 1 } } });
      expect(rt.status).toBe('online');
    });

    it('takes a ping without a pong for a dead socket', async () => {
      const rt = await online(open());
      backend.answer = false;

      clock.advance(BOUNDS.IDLE_PING_MS);
      clock.advance(BOUNDS.PONG_TIMEOUT_MS);

      expect(rt.status).toBe('offline');
    });

    it('asks whether anybody is there when a request stays unanswered', async () => {
      const rt = await online(open());
      backend.answer = false;
      const published = rt.publish('news', 1);

      clock.advance(BOUNDS.SILENCE_MS);
      clock.advance(BOUNDS.PONG_TIMEOUT_MS);
      backend.answer = true;
      const statusThen = rt.status;
      clock.advance(BOUNDS.RECONNECT_BASE_MS);

      expect(statusThen).toBe('offline');
      await expect(published).resolves.toMatchObject({ topic: 'news', seq: 1 });
    });
  });

  describe('following a topic', () => {
    it('begins with the history that it asks for, in order, however many frames it takes', async () => {
      for (let count = 1; count <= 12; count += 1) backend.publish('news', count);
      const rt = await online(open());

      const { seqs } = await follow(rt, 'news', { history: 10 });

      expect(seqs).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    });

    it('needs no frame for a topic that the URL has subscribed to', async () => {
      const rt = open(['news']);
      const { seqs } = await follow(rt, 'news');

      backend.publish('news', 'hello');
      await eventually(() => seqs.length === 1);

      expect(framesOf('subscribe')).toEqual([]);
    });

    it('gets after a reconnect exactly what it missed', async () => {
      const rt = await online(open());
      const { seqs, gaps } = await follow(rt, 'news');
      backend.publish('news', 1);
      await eventually(() => seqs.length === 1);
      backend.cut();
      for (let count = 2; count <= 8; count += 1) backend.publish('news', count);

      await reconnect(rt);
      await eventually(() => seqs.length === 8);

      expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(gaps).toEqual([]);
      expect(framesOf('subscribe').at(-1)).toMatchObject({ position: { epoch: 'epoch-1', seq: 1 } });
    });

    it('fetches what a live message shows to be missing', async () => {
      const rt = await online(open());
      const { seqs, gaps } = await follow(rt, 'news');
      backend.deliver = false;
      backend.publish('news', 'undelivered');
      backend.deliver = true;

      backend.publish('news', 'delivered');
      await eventually(() => seqs.length === 2);

      expect(seqs).toEqual([1, 2]);
      expect(gaps).toEqual([]);
    });

    it('drops repeats', async () => {
      const rt = await online(open());
      const { seqs } = await follow(rt, 'news');
      const first = backend.publish('news', 1);

      backend.send(first);
      backend.send({ type: 'batch', frames: [first, first] });
      backend.publish('news', 2);
      await eventually(() => seqs.includes(2));

      expect(seqs).toEqual([1, 2]);
    });

    it('says which messages are lost when the server does not have them any more', async () => {
      const rt = await online(open());
      const { seqs, gaps } = await follow(rt, 'news');
      backend.cut();
      for (let count = 1; count <= 3; count += 1) backend.publish('news', count);
      backend.topics.expire('news');

      await reconnect(rt);
      await eventually(() => gaps.length === 1);
      backend.publish('news', 4);
      await eventually(() => seqs.length === 1);

      expect(gaps).toEqual([{ topic: 'news', last: { epoch: null, seq: 0 }, now: { epoch: 'epoch-1', seq: 3 } }]);
      expect(seqs).toEqual([4]);
    });

    it('says so when the numbering began anew', async () => {
      const rt = await online(open());
      const { seqs, gaps } = await follow(rt, 'news');
      backend.publish('news', 1);
      await eventually(() => seqs.length === 1);

      backend.topics.restart('news');
      backend.publish('news', 'in a new life');
      await eventually(() => gaps.length === 1 && seqs.length === 2);

      expect(gaps[0]).toMatchObject({ last: { epoch: 'epoch-1', seq: 1 }, now: { epoch: 'epoch-2' } });
    });

    it('does not take an own message that is not echoed for a gap', async () => {
      const rt = await online(open());
      const { seqs, gaps } = await follow(rt, 'news');

      const { seq } = await rt.publish('news', 'mine', { echo: false });
      backend.publish('news', 'theirs');
      await eventually(() => seqs.length === 1);

      expect([seq, seqs, gaps]).toEqual([1, [2], []]);
      expect(framesOf('subscribe')).toHaveLength(1);
    });

    it('asks again when the answer to its subscription gets lost', async () => {
      const rt = await online(open());
      backend.answer = false;
      const subscription = rt.subscribe('news');
      await eventually(() => framesOf('subscribe').length === 1);
      backend.answer = true;
      backend.send({ type: 'pong' });
      await rt.publish('other', 1);

      clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);
      await until((listener) => subscription.on('subscribed', listener));

      expect(subscription.state).toBe('live');
    });

    it('tells of a refusal and asks no more', async () => {
      const rt = await online(open());
      const subscription = rt.subscribe('not a topic');

      const error = await until((listener) => subscription.on('error', listener));
      clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);

      expect(error).toMatchObject({ code: 'bad-topic' });
      expect(subscription.state).toBe('failed');
      expect(framesOf('subscribe')).toHaveLength(1);
    });

    it('hears no more after unsubscribing, also after a reconnect', async () => {
      const rt = await online(open(['news']));
      const { subscription, seqs } = await follow(rt, 'news');

      subscription.unsubscribe();
      await eventually(() => framesOf('unsubscribe').length === 1);
      backend.cut();
      await reconnect(rt);
      backend.publish('news', 1);
      await rt.publish('other', 1);

      expect(seqs).toEqual([]);
      expect(backend.opened.at(-1)).toBe('/live?topics=');
    });

    it('follows a topic once, and no counter as a topic', async () => {
      const rt = open();
      rt.subscribe('news');

      expect(() => rt.subscribe('news')).toThrow('already');
      expect(() => rt.subscribe('counter:votes')).toThrow("counter('votes')");
    });
  });

  describe('asking for something', () => {
    it('waits for the connection when there is none', async () => {
      const rt = open();

      const published = await rt.publish('news', { hello: 'world' });

      expect(published).toEqual({ topic: 'news', epoch: 'epoch-1', seq: 1 });
    });

    it('counts once what had to be sent twice', async () => {
      const rt = await online(open());
      const votes = rt.counter('votes');
      backend.answer = false;
      const incremented = votes.increment(3);
      await eventually(() => framesOf('plus').length === 1);
      // The server did it; only its answer was lost.
      backend.topics.once(Object(framesOf('plus')[0])['key'], () => backend.topics.change('votes', 3));
      backend.answer = true;
      backend.cut();

      await reconnect(rt);

      await expect(incremented).resolves.toBe(3);
      expect(framesOf('plus')).toHaveLength(2);
      expect(backend.topics.valueOf('votes')).toBe(3);
    });

    it('gives up after a while, saying that it was never sent', async () => {
      const rt = await online(open());
      backend.cut();
      await until(
        (listener) => rt.on('status', listener),
        (status) => status === 'offline',
      );
      await backend.stop();
      const published = rt.publish('news', 1);

      clock.advance(BOUNDS.REQUEST_TIMEOUT_MS);

      await expect(published).rejects.toMatchObject({ code: 'offline' });
      await backend.start();
    });

    it('gives up after a while, saying that it may have been done', async () => {
      const rt = await online(open());
      backend.answer = false;
      const published = rt.publish('news', 1);

      clock.advance(BOUNDS.REQUEST_TIMEOUT_MS);

      await expect(published).rejects.toMatchObject({ code: 'timeout' });
    });

    it('lets no more than a bound of requests wait', async () => {
      const rt = open();
      const waiting = Array.from({ length: BOUNDS.WAITING_REQUESTS }, () => rt.publish('news', 1));
      const settled = Promise.allSettled(waiting);

      const oneMore = rt.publish('news', 1);

      await expect(oneMore).rejects.toMatchObject({ code: 'queue-full' });
      rt.close();
      await settled;
    });

    it('tells of what the gateway itself complains of', async () => {
      const rt = await online(open());
      const told = until((listener) => rt.on('error', listener));

      backend.send({ message: 'Internal server error', connectionId: 'c', requestId: 'r' });

      await expect(told).resolves.toMatchObject({ code: 'unavailable', message: 'Internal server error' });
    });
  });

  describe('sharing a counter', () => {
    it('shows its own change at once and others as they come', async () => {
      const [mine, theirs] = [open(), open()].map((rt) => rt.counter('votes'));
      await eventually(() => mine?.state === 'live' && theirs?.state === 'live');

      const incremented = mine?.increment(2);
      const atOnce = mine?.value;
      await eventually(() => theirs?.value === 2);

      expect(atOnce).toBe(2);
      await expect(incremented).resolves.toBe(2);
    });

    it('takes a change back that is out of bounds', async () => {
      const rt = open();
      const votes = rt.counter('votes');
      await eventually(() => votes.state === 'live');
      const values: number[] = [];
      votes.on('change', (value) => values.push(value));

      const refused = votes.decrement(1, { min: 0 });

      await expect(refused).rejects.toMatchObject({ code: 'out-of-bounds' });
      expect(values).toEqual([-1, 0]);
    });

    it('refuses what is no step', async () => {
      const votes = open().counter('votes');

      await expect(votes.increment(0.5)).rejects.toThrow(RangeError);
      await expect(votes.decrement(-1)).rejects.toThrow(RangeError);
    });

    it('is the same for who asks for it again', () => {
      const rt = open();

      expect(rt.counter('votes')).toBe(rt.counter('votes'));
    });

    it('has the right value after a reconnect', async () => {
      const rt = await online(open());
      const votes = rt.counter('votes');
      await eventually(() => votes.state === 'live');
      backend.cut();
      backend.change('votes', 41);
      const waited = votes.increment();

      await reconnect(rt);

      await expect(waited).resolves.toBe(42);
      expect(votes.value).toBe(42);
    });
  });
});
