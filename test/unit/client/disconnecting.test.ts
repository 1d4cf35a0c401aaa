import * as BOUNDS from '../../../client/src/bounds.ts';
import { FakeSockets, messageFrame, settled, subscribedFrame } from '../../helpers/fake-sockets.ts';
import { codesOf } from '../../helpers/publishing-scene.ts';

describe('a client that is disconnected', () => {
  it('stays so until it is connected again, and then has all that it missed', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    const statuses: string[] = [];
    rt.on('status', (status) => statuses.push(status));
    const subscription = rt.subscribe('t');
    const seqs: number[] = [];
    subscription.on('message', ({ seq }) => seqs.push(seq));
    await socket.ack();
    socket.receive(subscribedFrame('t'));

    rt.disconnect();
    rt.disconnect();
    fake.clock.advance(BOUNDS.LIFETIME_MS);
    const meanwhile = [fake.all.length, socket.isClosed, subscription.state];
    rt.connect();
    rt.connect();
    fake.socket.open().receive(
      subscribedFrame(
        't',
        2,
        [1, 2].map((seq) => messageFrame('t', seq)),
      ),
    );

    expect(meanwhile).toEqual([1, true, 'subscribing']);
    expect([fake.all.length, subscription.state, seqs]).toEqual([2, 'live', [1, 2]]);
    expect(statuses).toEqual(['disconnected', 'connecting', 'online']);
    rt.close();
  });

  it('sends then what was published in between, and what the old connection did not answer', async () => {
    const fake = new FakeSockets();
    const { rt } = fake.online();
    const settling = codesOf([rt.publish('a', 'unanswered')]);

    rt.disconnect();
    const later = codesOf([rt.publish('b', 'offline')]);
    rt.connect();
    fake.socket.open();

    expect(fake.socket.framesOf('publish').map(({ data }) => data)).toEqual(['unanswered', 'offline']);
    rt.close();
    await Promise.all([settling, later]);
  });

  it('does not come back when the device wakes up', () => {
    const fake = new FakeSockets();
    let wake = (): void => undefined;
    const rt = fake.connect({
      wakeSource: (callback) => {
        wake = callback;
        return () => undefined;
      },
    });

    rt.disconnect();
    wake();

    expect([rt.status, fake.all.length, fake.clock.pending]).toEqual(['disconnected', 1, 0]);
    rt.close();
  });

  it('may be closed, and a closed one is neither connected nor disconnected', () => {
    const fake = new FakeSockets();
    const { rt } = fake.online();
    rt.disconnect();

    rt.close();
    rt.disconnect();

    expect(rt.status).toBe('closed');
    expect(() => rt.connect()).toThrow('closed');
  });

  it('is connected at once instead of after a pause, and not twice', () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    rt.connect();
    const meanwhile = fake.all.length;
    socket.cut();

    rt.connect();

    expect([meanwhile, fake.all.length, rt.status]).toEqual([1, 2, 'connecting']);
    rt.close();
    expect(fake.clock.pending).toBe(0);
  });
});

describe('the debug option', () => {
  it('is shown each frame as it is sent and received, pings too', async () => {
    const fake = new FakeSockets();
    const shown: string[] = [];
    const { rt, socket } = fake.online({ debug: (direction, text) => shown.push(`${direction} ${text}`) });
    const settling = codesOf([rt.publish('news', 1, { key: 'k' })]);

    socket.receive({ type: 'unknown' });
    fake.clock.advance(BOUNDS.IDLE_MS * BOUNDS.IDLE_PING_SHARE);

    expect(shown.slice(0, 2)).toEqual([
      'out {"action":"publish","topic":"news","data":1,"key":"k","id":"1"}',
      'in {"type":"unknown"}',
    ]);
    expect(shown.at(-1)).toBe('out {"action":"ping","positions":{}}');
    rt.close();
    await settling;
    await settled();
  });
});
