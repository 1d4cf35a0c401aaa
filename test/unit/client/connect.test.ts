import * as BOUNDS from '../../../client/src/bounds.ts';
import { connect, type SocketClass, type WakeSource } from '../../../client/src/index.ts';
import { browserWakeSource } from '../../../client/src/wake-source.ts';
import { ClientScene, offline, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

/** A wake source in the test's own hands. */
function scriptedWaking() {
  const wakes = new Set<() => void>();
  const wakeSource: WakeSource = (wake) => {
    wakes.add(wake);
    return () => wakes.delete(wake);
  };
  return {
    wakeSource,
    wakes,
    wake: () => {
      for (const wake of wakes) wake();
    },
  };
}

describe('connecting, as the options say', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  it('can show its token in the URL', async () => {
    await online(scene.open(['news'], { token: 'a b', tokenIn: 'query' }));

    expect(scene.backend.opened).toEqual(['/live?topics=news&batch=true&token=a+b']);
  });

  it('gets a new token for each connection', async () => {
    let asked = 0;
    const token = async () => `token-${(asked += 1)}`;
    const rt = await online(scene.open([], { token, tokenIn: 'query' }));

    scene.backend.cut();
    await scene.reconnect(rt);

    expect(scene.backend.opened).toEqual(['/live?topics=&token=token-1', '/live?topics=&token=token-2']);
  });

  it('says that there is no token, and asks for one again', async () => {
    const tokens = [Promise.reject(new Error('signed out')), Promise.resolve('good')];
    const rt = scene.open([], { token: () => tokens.shift() ?? 'more', tokenIn: 'query' });

    const errors: unknown[] = [];
    rt.on('error', (error) => errors.push(error));
    await eventually(() => errors.length > 0);
    await scene.reconnect(rt);

    expect(errors).toMatchObject([{ code: 'no-token', message: 'No token: signed out' }]);
    expect(scene.backend.opened).toEqual(['/live?topics=&token=good']);
  });

  it('sends its token as a subprotocol', () => {
    const made: unknown[] = [];
    class Noted extends EventTarget {
      constructor(url: string, protocols?: string[]) {
        super();
        made.push(url, protocols);
      }
      send(): void {}
      close(): void {}
    }
    const socketClass: SocketClass = Noted as unknown as SocketClass;

    scene.open([], { socketClass, token: 'jwt' });

    expect(made).toEqual([`${scene.url}?topics=`, ['distributary.v1', 'token.jwt']]);
  });

  it('comes back at once when the device wakes up', async () => {
    const { wakeSource, wake, wakes } = scriptedWaking();
    const rt = await online(scene.open([], { wakeSource }));
    scene.backend.cut();
    await offline(rt);

    wake();
    await online(rt);
    rt.close();

    expect(wakes.size).toBe(0);
  });

  it('asks at once whether anybody is there when the device wakes up', async () => {
    const { wakeSource, wake } = scriptedWaking();
    const rt = await online(scene.open([], { wakeSource }));
    scene.backend.answer = false;

    wake();
    await eventually(() => expect(scene.framesOf('ping')).toHaveLength(1));
    scene.clock.advance(BOUNDS.PONG_TIMEOUT_MS);

    expect(rt.status).toBe('offline');
  });

  it('pings before the server finds it idle', async () => {
    await online(scene.open([], { idleMs: 1_000 }));

    scene.clock.advance(800);
    await eventually(() => expect(scene.framesOf('ping')).toHaveLength(1));

    expect(scene.framesOf('ping')[0]).toMatchObject({ positions: {} });
  });

  it('lets so many requests wait, for so long', async () => {
    const rt = await online(scene.open([], { queueLimit: 1, requestTimeoutMs: 50 }));
    scene.backend.answer = false;
    const first = rt.publish('news', 1);

    const second = rt.publish('news', 2);
    scene.clock.advance(50);

    await expect(second).rejects.toMatchObject({ code: 'queue-full' });
    await expect(first).rejects.toMatchObject({ code: 'timeout' });
  });

  it('refuses to wait longer than a key is remembered', () => {
    const requestTimeoutMs = BOUNDS.REQUEST_TIMEOUT_MAXIMUM_MS + 1;

    expect(() => connect('ws://127.0.0.1:1/', { requestTimeoutMs })).toThrow(RangeError);
  });
});

describe('what wakes a client up', () => {
  it('is a tab that is looked at again and a network that is back', () => {
    const page = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
    const place = Object.assign(new EventTarget(), { document: page });
    let woken = 0;
    const stop = browserWakeSource(() => {
      woken += 1;
    }, place);

    page.dispatchEvent(new Event('visibilitychange'));
    const whileHidden = woken;
    page.visibilityState = 'visible';
    page.dispatchEvent(new Event('visibilitychange'));
    place.dispatchEvent(new Event('online'));
    place.dispatchEvent(new Event('pageshow'));
    stop();
    place.dispatchEvent(new Event('online'));

    expect([whileHidden, woken]).toEqual([0, 3]);
  });

  it('is nothing where there are no such events', () => {
    expect(() => browserWakeSource(() => undefined, {})()).not.toThrow();
  });
});
