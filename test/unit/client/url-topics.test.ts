import * as BOUNDS from '../../../client/src/bounds.ts';
import type { Realtime } from '../../../client/src/index.ts';
import { type FakeSocket, FakeSockets, messageFrame, settled, subscribedFrame } from '../../helpers/fake-sockets.ts';

const topicsOf = ({ url }: FakeSocket): string | null => new URL(url).searchParams.get('topics');

/** A client with its socket, and what it does when the connection is lost. */
function online() {
  const fake = new FakeSockets();
  const { rt, socket } = fake.online();
  return {
    fake,
    rt,
    socket,
    reconnect: (): FakeSocket => {
      fake.socket.cut();
      fake.clock.advance(BOUNDS.RECONNECT_CAP_MS);
      return fake.socket.open();
    },
  };
}

/** Subscribes, answered at once. */
async function subscribed(rt: Realtime, socket: FakeSocket, topics: readonly string[]): Promise<void> {
  for (const topic of topics) rt.subscribe(topic);
  for (const frame of socket.framesOf('subscribe')) await socket.ack(frame);
  socket.receive(...topics.map((topic) => subscribedFrame(topic, 3)));
}

describe('the URL of a connection that comes back', () => {
  it('names the positions of all topics, and no frame does', async () => {
    const { rt, socket, reconnect } = online();
    await subscribed(rt, socket, ['a', 'b']);
    const counter = rt.counter('votes');
    socket.receive(subscribedFrame('counter:votes', 2));

    const next = reconnect();

    expect(topicsOf(next)).toBe('a@e:3,b@e:3,counter:votes');
    expect(new URL(next.url).searchParams.get('batch')).toBe('true');
    expect(next.framesOf('subscribe')).toEqual([]);
    expect(counter.state).toBe('subscribing');
    rt.close();
  });

  it('gets what was missed in one frame for all topics', async () => {
    const { rt, socket, reconnect } = online();
    await subscribed(rt, socket, ['a', 'b']);
    const seqs: string[] = [];
    for (const topic of ['a', 'b']) rt.subscribe(topic).on('message', ({ seq }) => seqs.push(`${topic} ${seq}`));

    const next = reconnect();
    const frames = [subscribedFrame('a', 4, [messageFrame('a', 4)]), subscribedFrame('b', 3)];
    next.receive({ type: 'batch', frames });

    expect(seqs).toEqual(['a 4']);
    expect(['a', 'b'].map((topic) => rt.subscribe(topic).state)).toEqual(['live', 'live']);
    rt.close();
  });

  it('leaves out a topic that the server has not answered yet: it would refuse the URL for a name that is none', async () => {
    const { rt, reconnect } = online();
    rt.subscribe('not a topic');

    const next = reconnect();

    expect(topicsOf(next)).toBe('');
    expect(next.framesOf('subscribe')).toMatchObject([{ topic: 'not a topic' }]);
    rt.close();
  });

  it.each([
    ['presence', { presence: true }],
    ['single frames', { batch: false }],
  ])('leaves out a topic with %s, which a frame asks for', async (_, options) => {
    const { rt, socket, reconnect } = online();
    rt.subscribe('a', options);
    await socket.ack();
    socket.receive(subscribedFrame('a', 3));

    const next = reconnect();

    expect(topicsOf(next)).toBe('');
    expect(next.framesOf('subscribe')).toMatchObject([{ topic: 'a', position: { epoch: 'e', seq: 3 } }]);
    rt.close();
  });

  it('asks by a frame when presence is wanted by the time that it opens', async () => {
    const { fake, rt, socket } = online();
    await subscribed(rt, socket, ['a']);
    socket.cut();
    fake.clock.advance(BOUNDS.RECONNECT_CAP_MS);

    rt.subscribe('a', { presence: true });
    const next = fake.socket.open();

    expect(next.framesOf('subscribe')).toMatchObject([{ topic: 'a', presence: true, position: { seq: 3 } }]);
    rt.close();
  });

  it('is bounded; frames ask for the other topics', async () => {
    const { rt, socket, reconnect } = online();
    const topics = Array.from({ length: 30 }, (_, index) => `${index}`.padStart(120, 't'));
    await subscribed(rt, socket, topics);

    const next = reconnect();
    await settled();

    const { length } = String(topicsOf(next)).split(',');
    expect(encodeURIComponent(String(topicsOf(next))).length).toBeLessThanOrEqual(BOUNDS.URL_TOPICS_LENGTH);
    expect(length).toBeGreaterThan(10);
    expect(next.framesOf('subscribe')).toHaveLength(topics.length - length);
    rt.close();
  });

  it('names no more topics than a connection may have', async () => {
    const fake = new FakeSockets();
    const topics = Array.from({ length: BOUNDS.TOPICS_PER_CONNECTION }, (_, index) => `c${index}`);
    const { rt, socket } = fake.online({ topics: ['first'] });
    for (const name of topics) rt.counter(name);
    socket.receive(...topics.map((name) => subscribedFrame(`counter:${name}`, 1)));

    socket.cut();
    fake.clock.advance(BOUNDS.RECONNECT_CAP_MS);

    expect(String(topicsOf(fake.socket)).split(',').length).toBeLessThanOrEqual(BOUNDS.TOPICS_PER_CONNECTION);
    rt.close();
  });

  it('asks again when its answer does not come', async () => {
    const { fake, rt, socket, reconnect } = online();
    await subscribed(rt, socket, ['a']);
    const next = reconnect();

    next.receive({ type: 'pong' });
    fake.clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);

    expect(next.framesOf('subscribe')).toMatchObject([{ topic: 'a', position: { epoch: 'e', seq: 3 } }]);
    rt.close();
  });
});

describe('the URL of the next connection in a renewal', () => {
  it('names the positions that there are, and only its own answer counts', async () => {
    const fake = new FakeSockets();
    const { rt, socket: old } = fake.online({ lifetimeMs: 10_000 });
    await subscribed(rt, old, ['a']);
    const seqs: number[] = [];
    rt.subscribe('a').on('message', ({ seq }) => seqs.push(seq));

    fake.clock.advance(10_000);
    const next = fake.socket;
    old.receive(messageFrame('a', 4));
    next.open();
    old.receive({ type: 'batch', frames: [messageFrame('a', 5), subscribedFrame('a', 5)] });
    const before = old.isClosed;
    next.receive({ type: 'batch', frames: [subscribedFrame('a', 5, [messageFrame('a', 4), messageFrame('a', 5)])] });

    expect(topicsOf(next)).toBe('a@e:3');
    expect([before, old.isClosed, seqs]).toEqual([false, true, [4, 5]]);
    rt.close();
  });
});
