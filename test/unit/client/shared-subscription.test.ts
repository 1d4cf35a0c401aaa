import * as BOUNDS from '../../../client/src/bounds.ts';
import type { Presence, Subscription } from '../../../client/src/index.ts';
import { FakeSockets, messageFrame, settled, subscribedFrame } from '../../helpers/fake-sockets.ts';

const messages = (...seqs: readonly number[]) => seqs.map((seq) => messageFrame('t', seq));

/** Writes down the seqs of the messages of a subscription. */
function seqsOf(subscription: Subscription): number[] {
  const seqs: number[] = [];
  subscription.on('message', ({ seq }) => seqs.push(seq));
  return seqs;
}

const PRESENCE = { type: 'presence', topic: 't', left: [], countedAt: '2026-11-20T09:30:01.000Z' };
const LIST = { ...PRESENCE, joined: ['ann', 'me'], count: 2, self: 'me' };

describe('several subscriptions to one topic', () => {
  it('share one on the wire, each with its own listeners, until the last one ends', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const [one, two] = [rt.subscribe('t'), rt.subscribe('t')];
    const [seqs, others] = [seqsOf(one), seqsOf(two)];
    await socket.ack();
    socket.receive(subscribedFrame('t'), ...messages(1));

    one.unsubscribe();
    one.unsubscribe();
    socket.receive(...messages(2));
    const framesBefore = socket.sent.length;
    two.unsubscribe();
    socket.receive(...messages(3));

    expect([seqs, others]).toEqual([[1], [1, 2]]);
    expect([one.state, two.state, framesBefore]).toEqual(['ended', 'ended', 1]);
    expect(socket.sent.map(({ action }) => action)).toEqual(['subscribe', 'unsubscribe']);
    rt.close();
  });

  it('have separate iterators', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const loops = [rt.subscribe('t'), rt.subscribe('t')].map((subscription) => ({
      subscription,
      iterator: subscription[Symbol.asyncIterator](),
    }));
    socket.receive(subscribedFrame('t'), ...messages(1));

    loops[0]?.subscription.unsubscribe();
    socket.receive(...messages(2));
    const read = async ({ iterator }: (typeof loops)[number]) => [await iterator.next(), await iterator.next()];
    const pending = loops.map(read);
    rt.close();

    const results = await Promise.all(pending);
    const seqs = results.map((each) => each.map(({ value }) => value?.seq));
    expect(seqs).toEqual([
      [1, undefined],
      [1, 2],
    ]);
  });

  it('are one of the 100 topics of a connection', () => {
    const fake = new FakeSockets();
    const rt = fake.connect();
    for (let topic = 0; topic < BOUNDS.TOPICS_PER_CONNECTION; topic += 1) rt.subscribe(`${topic}`);

    expect(rt.subscribe('0').state).toBe('subscribing');
    expect(() => rt.subscribe('one more')).toThrow(RangeError);
    rt.close();
  });

  it('of which one comes later is told that the topic is live already', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    rt.subscribe('t');
    socket.receive(subscribedFrame('t', 3));

    const late = rt.subscribe('t');
    const told: unknown[] = [];
    late.on('subscribed', (subscribed) => told.push(subscribed));
    const stateAtOnce = late.state;
    await settled();

    expect([stateAtOnce, late.position]).toEqual(['live', { epoch: 'e', seq: 3 }]);
    expect(told).toEqual([{ topic: 't', epoch: 'e', seq: 3, recovered: true }]);
    expect(socket.framesOf('subscribe')).toHaveLength(1);
    rt.close();
  });

  it('ask for the longest history, before the first answer and by a new connection', () => {
    const fake = new FakeSockets();
    const rt = fake.connect();
    for (const history of [5, 20, undefined]) rt.subscribe('t', history === undefined ? {} : { history });

    fake.socket.open();

    expect(fake.socket.framesOf('subscribe')).toMatchObject([{ history: 20 }]);
    rt.close();
  });

  it('are all asked to retry when one is added to a topic that was refused', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const first = rt.subscribe('t');
    await socket.refuse('forbidden');
    const failed = [first.state, first.error?.code];

    const second = rt.subscribe('t');
    const after = [first.state, first.error, second.state];
    socket.receive(subscribedFrame('t'));

    expect(failed).toEqual(['failed', 'forbidden']);
    expect(after).toEqual(['subscribing', undefined, 'subscribing']);
    expect([first.state, second.state]).toEqual(['live', 'live']);
    rt.close();
  });
});

describe('the presence of a topic with several subscriptions', () => {
  it('is asked for with the first that wants it, told to those alone, and ended with the last of them', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const plain = rt.subscribe('t');
    const told: unknown[] = [];
    plain.on('presence', () => told.push('plain'));
    await socket.ack();
    socket.receive(subscribedFrame('t'));

    const watching = rt.subscribe('t', { presence: true });
    watching.on('presence', ({ joined }) => told.push(joined));
    await socket.ack();
    socket.receive(subscribedFrame('t'), LIST);
    const members = [plain.presence, watching.presence];
    watching.unsubscribe();
    await socket.ack();
    socket.receive(LIST);

    expect(told).toEqual([['ann', 'me']]);
    expect(members).toMatchObject([undefined, { count: 2, self: 'me' } satisfies Partial<Presence>]);
    expect(socket.framesOf('subscribe').map(({ presence }) => presence)).toEqual([undefined, true, undefined]);
    expect(plain.state).toBe('live');
    rt.close();
  });

  it('is not switched on and off out of order', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    rt.subscribe('t');
    await socket.ack();
    socket.receive(subscribedFrame('t'));

    rt.subscribe('t', { presence: true }).unsubscribe();
    const beforeTheAck = socket.framesOf('subscribe').map(({ presence }) => presence);
    await socket.ack(socket.framesOf('subscribe')[1]);

    expect(beforeTheAck).toEqual([undefined, true]);
    expect(socket.framesOf('subscribe').map(({ presence }) => presence)).toEqual([undefined, true, undefined]);
    rt.close();
  });

  it('is asked for on the next connection, too, when it is wanted after its URL was made', () => {
    const fake = new FakeSockets();
    const { rt } = fake.online({ topics: ['t'], lifetimeMs: 1_000 });
    rt.subscribe('t');
    fake.clock.advance(1_000);
    const next = fake.socket;
    rt.subscribe('t', { presence: true });

    next.open();

    expect(next.url).toContain('topics=t');
    expect(next.framesOf('subscribe')).toMatchObject([{ topic: 't', presence: true }]);
    rt.close();
  });

  it('is told to one that comes later at once', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    rt.subscribe('t', { presence: true });
    socket.receive(subscribedFrame('t'), LIST);

    const late = rt.subscribe('t', { presence: true });
    const joined: unknown[] = [];
    late.on('presence', (change) => joined.push(change.joined));
    await settled();

    expect([late.presence?.count, joined]).toEqual([2, [['ann', 'me']]]);
    expect(socket.framesOf('subscribe')).toHaveLength(1);
    rt.close();
  });
});

describe('the batches of a topic with several subscriptions', () => {
  it('are declined as long as one declines them', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    rt.subscribe('t');
    await socket.ack();

    const single = rt.subscribe('t', { batch: false });
    await socket.ack();
    single.unsubscribe();
    await socket.ack();

    expect(socket.framesOf('subscribe').map(({ batch }) => batch)).toEqual([true, undefined, true]);
    rt.close();
  });
});
