import * as BOUNDS from '../../../client/src/bounds.ts';
import { connect, type RealtimeError, type SocketClass } from '../../../client/src/index.ts';
import { FakeSockets, settled } from '../../helpers/fake-sockets.ts';

/** A class whose constructor throws the first time, as that of a platform does. */
function throwingOnce(fake: FakeSockets, cause: Error): SocketClass {
  const causes = [cause];
  const Fake = fake.socketClass;
  return new Proxy(Fake, {
    construct: (_, [url, protocols]: [string, string[]]) => {
      const thrown = causes.pop();
      if (thrown !== undefined) throw thrown;
      return new Fake(url, protocols);
    },
  });
}

describe('a client whose socket is refused', () => {
  it.each(['a=', 'a/b', 'a b', 'ä'])('says so of a token that is no subprotocol: %j', async (token) => {
    const fake = new FakeSockets();
    const tokens = [token, 'good'];
    const rt = fake.connect({ token: () => tokens.shift() });
    const errors: RealtimeError[] = [];
    rt.on('error', (error) => errors.push(error));

    await settled();
    const statusThen = rt.status;
    fake.clock.advance(BOUNDS.RECONNECT_BASE_MS);
    await settled();
    fake.socket.open();

    expect(errors.map(({ code }) => code)).toEqual(['no-token']);
    expect(errors.map(({ cause }) => cause)).toEqual([expect.any(TypeError)]);
    expect([statusThen, rt.status]).toEqual(['offline', 'online']);
    rt.close();
  });

  it('throws at once for a token that can never be sent, and leaves nothing behind', () => {
    const fake = new FakeSockets();

    expect(() => fake.connect({ token: 'a=' })).toThrow(TypeError);
    expect([fake.clock.pending, fake.all]).toEqual([0, []]);
  });

  it.each([
    ['at once', 'secret'],
    ['after the token was got', async () => 'secret'],
  ])('says that there is no socket when its constructor throws %s, and tries again', async (_, token) => {
    const fake = new FakeSockets();
    const cause = new Error('insecure');
    const rt = fake.connect({ token, socketClass: throwingOnce(fake, cause) });
    const errors: RealtimeError[] = [];
    rt.on('error', (error) => errors.push(error));

    await settled();
    const statusThen = rt.status;
    fake.clock.advance(BOUNDS.RECONNECT_BASE_MS);
    await settled();
    fake.socket.open();

    expect(errors).toMatchObject([{ code: 'no-socket', message: 'No socket: insecure', cause }]);
    expect([statusThen, rt.status]).toEqual(['offline', 'online']);
    rt.close();
    expect(fake.clock.pending).toBe(0);
  });

  it('may be closed by its own error listener', async () => {
    const fake = new FakeSockets();
    const rt = fake.connect({ socketClass: throwingOnce(fake, new Error('insecure')) });
    rt.on('error', () => rt.close());

    await settled();

    expect([rt.status, fake.clock.pending, fake.all]).toEqual(['closed', 0, []]);
  });

  it('takes an error without a close for the end, before the socket is open and after', () => {
    const fake = new FakeSockets();
    const rt = fake.connect();
    const statuses: string[] = [rt.status];
    rt.on('status', (status) => statuses.push(status));

    fake.socket.fail();
    fake.clock.advance(BOUNDS.RECONNECT_BASE_MS);
    fake.socket.open().fail();
    // Some platforms fire both.
    fake.socket.cut();

    expect(statuses).toEqual(['connecting', 'offline', 'connecting', 'online', 'offline']);
    expect(fake.all.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    rt.close();
  });

  it('takes a send that throws for the end', async () => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();
    socket.send = () => {
      throw new Error('not open');
    };

    const published = rt.publish('news', 1);
    await settled();
    const statusThen = rt.status;
    fake.clock.advance(BOUNDS.RECONNECT_BASE_MS);
    fake.socket.open();

    expect(statusThen).toBe('offline');
    expect(fake.socket.framesOf('publish')).toMatchObject([{ data: 1 }]);
    rt.close();
    await expect(published).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('the numeric options', () => {
  const NUMBERS = ['queueLimit', 'requestTimeoutMs', 'lifetimeMs', 'idleMs'] as const;

  it.each(NUMBERS.flatMap((name) => [Infinity, NaN, -1, 1.5, 2 ** 31].map((value) => [name, value] as const)))(
    'throw, with their name and range: %s %d',
    (name, value) => {
      const fake = new FakeSockets();
      const options = { [name]: value, socketClass: fake.socketClass, clock: fake.clock };

      expect(() => connect('ws://fake', options)).toThrow(RangeError);
      expect(() => connect('ws://fake', options)).toThrow(
        new RegExp(`^${name} must be a whole number from \\d+ to \\d+`),
      );
      expect([fake.all, fake.clock.pending]).toEqual([[], 0]);
    },
  );

  it.each([...NUMBERS])('throw for another type: %s', (name) => {
    expect(() => connect('ws://fake', { [name]: '1000' })).toThrow(TypeError);
  });

  it.each(['lifetimeMs', 'idleMs'])('throw for zero, which would spin: %s', (name) => {
    expect(() => connect('ws://fake', { [name]: 0 })).toThrow(RangeError);
  });

  it.each([0, 101, 1.5, NaN, Infinity])('throw for a history of %d, and subscribe to nothing', (history) => {
    const fake = new FakeSockets();
    const { rt, socket } = fake.online();

    expect(() => rt.subscribe('t', { history })).toThrow('history must be a whole number from 1 to 100');
    expect(socket.sent).toEqual([]);
    rt.close();
  });

  it('open one socket however long a connection may live', () => {
    const fake = new FakeSockets();
    const { rt } = fake.online({ lifetimeMs: BOUNDS.LIFETIME_MAXIMUM_MS, idleMs: BOUNDS.LIFETIME_MAXIMUM_MS });

    fake.clock.advance(24 * 60 * 60_000);

    expect(fake.all).toHaveLength(1);
    rt.close();
  });
});
