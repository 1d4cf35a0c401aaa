import * as BOUNDS from '../../../client/src/bounds.ts';
import type { Subscription } from '../../../client/src/index.ts';
import { FakeSockets, messageFrame, subscribedFrame } from '../../helpers/fake-sockets.ts';

const messages = (...seqs: readonly number[]) => seqs.map((seq) => messageFrame('t', seq));

/** Writes down the seqs of the messages of a subscription. */
function seqsOf(subscription: Subscription): number[] {
  const seqs: number[] = [];
  subscription.on('message', ({ seq }) => seqs.push(seq));
  return seqs;
}

describe('the history of a subscription that comes later', () => {
  const joined = async (history = 3) => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const first = seqsOf(rt.subscribe('t'));
    await socket.ack();
    socket.receive(subscribedFrame('t', 5));
    const late = rt.subscribe('t', { history });
    return { fake, rt, socket, first, late, seqs: seqsOf(late) };
  };

  it('comes to it alone, in order, before newer messages, however many frames it takes', async () => {
    const { rt, socket, first, seqs } = await joined();
    socket.receive(...messages(6));

    socket.receive({ ...subscribedFrame('t', 4, messages(3, 4)), more: true });
    socket.receive(subscribedFrame('t', 6, messages(5, 6)));
    socket.receive(...messages(7));

    expect(socket.framesOf('subscribe')).toMatchObject([{}, { history: 3 }]);
    expect(socket.framesOf('subscribe')[1]).not.toHaveProperty('position');
    expect([first, seqs]).toEqual([
      [6, 7],
      [3, 4, 5, 6, 7],
    ]);
    rt.close();
  });

  it('does not keep newer messages back for ever when it does not come', async () => {
    const { fake, rt, socket, seqs } = await joined();
    socket.receive(...messages(6));

    fake.clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);

    expect(seqs).toEqual([6]);
    rt.close();
    expect(fake.clock.pending).toBe(0);
  });

  it('keeps no more than a bound of newer messages back', async () => {
    const { rt, socket, seqs } = await joined();

    socket.receive(...messages(...Array.from({ length: BOUNDS.BUFFERED_MESSAGES }, (_, index) => index + 6)));

    expect(seqs).toHaveLength(BOUNDS.BUFFERED_MESSAGES);
    rt.close();
  });

  it('is given up with the connection, and nothing newer is lost', async () => {
    const { fake, rt, socket, first, seqs } = await joined();
    socket.receive(...messages(6));

    socket.cut();
    fake.clock.advance(BOUNDS.RECONNECT_CAP_MS);
    fake.socket.open().receive(subscribedFrame('t', 7, messages(7)));

    expect(new URL(fake.socket.url).searchParams.get('topics')).toBe('t@e:6');
    expect(fake.socket.framesOf('subscribe')).toEqual([]);
    expect([first, seqs]).toEqual([
      [6, 7],
      [6, 7],
    ]);
    rt.close();
  });

  it('ends with it', async () => {
    const { fake, rt, socket, late, seqs } = await joined();
    socket.receive(...messages(6));

    late.unsubscribe();
    socket.receive(subscribedFrame('t', 6, messages(4, 5, 6)));

    expect(seqs).toEqual([]);
    rt.close();
    expect(fake.clock.pending).toBe(0);
  });

  it('is not asked for where nothing was published', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    rt.subscribe('t');
    await socket.ack();
    socket.receive(subscribedFrame('t'));

    const seqs = seqsOf(rt.subscribe('t', { history: 3 }));
    socket.receive(...messages(1));

    expect([seqs, socket.framesOf('subscribe')]).toMatchObject([[1], [{}]]);
    rt.close();
  });

  it('comes, too, when the URL of the connection has subscribed to the topic before', () => {
    const fake = new FakeSockets();
    const rt = fake.connect({ topics: ['t'] });
    const seqs = seqsOf(rt.subscribe('t', { history: 2, presence: true }));

    fake.socket.open().receive(subscribedFrame('t', 5), subscribedFrame('t', 5, messages(4, 5)), ...messages(6));

    expect(fake.socket.url).toContain('topics=t');
    expect(fake.socket.framesOf('subscribe')).toMatchObject([{ topic: 't', history: 2, presence: true }]);
    expect(seqs).toEqual([4, 5, 6]);
    rt.close();
  });
});
