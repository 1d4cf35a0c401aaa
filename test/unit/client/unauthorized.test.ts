import * as BOUNDS from '../../../client/src/bounds.ts';
import type { ConnectOptions } from '../../../client/src/index.ts';
import { codesOf } from '../../helpers/publishing-scene.ts';
import { TokenScene } from '../../helpers/token-scene.ts';

const signedOut = (): Error => Object.assign(new Error('signed out'), { code: 'unauthorized' });

type TokenFunction = Extract<ConnectOptions['token'], () => unknown>;

const NO_TOKENS: readonly (readonly [string, TokenFunction])[] = [
  ['rejects with that code', () => Promise.reject(signedOut())],
  [
    'throws that code',
    () => {
      throw signedOut();
    },
  ],
  ['returns null', () => null],
  ['returns undefined', async () => undefined],
  ['returns an empty text', () => ''],
];

describe('a client without authorization', () => {
  it.each(NO_TOKENS)('says so once and stops when its token function %s', async (_, none) => {
    let token: TokenFunction = none;
    const scene = new TokenScene({ token: () => token() });
    const settling = codesOf([scene.rt.publish('news', 1), scene.rt.publish('news', 2)]);

    await scene.advance(0);
    await scene.advance(BOUNDS.LIFETIME_MS);
    const statusThen = scene.rt.status;
    const socketsThen = scene.fake.all.length;
    token = () => 'good';
    scene.rt.connect();
    await scene.open();

    expect(await settling).toEqual(['unauthorized', 'unauthorized']);
    expect([scene.codes, statusThen, socketsThen]).toEqual([['unauthorized'], 'disconnected', 0]);
    expect(scene.rt.status).toBe('online');
    scene.rt.close();
  });

  it('stops when a renewal gets no token, and may be connected by the listener of the error', async () => {
    const tokens = ['first', null, 'third'];
    const scene = new TokenScene({ token: () => tokens.shift(), lifetimeMs: 10_000 });
    scene.rt.on('error', () => scene.rt.connect());
    const old = await scene.open();

    await scene.advance(10_000);
    await scene.open();

    expect([scene.codes, old.isClosed, scene.tokens]).toEqual([['unauthorized'], true, ['first', 'third']]);
    expect(scene.statuses).toEqual(['online', 'disconnected', 'connecting', 'online']);
    scene.rt.close();
  });
});

describe('a client whose handshakes are refused', () => {
  /** The longest pause, with the randomness of the scene. */
  const PAUSE_MS = BOUNDS.RECONNECT_CAP_MS / 2;

  /** Refuses a number of handshakes, one after the other. */
  async function refuse(scene: TokenScene, count: number): Promise<void> {
    for (let each = 0; each < count; each += 1) {
      await scene.advance(0);
      if (scene.fake.socket.isClosed) await scene.advance(PAUSE_MS);
      scene.fake.socket.fail();
    }
  }

  it('says unauthorized once after five, and goes on at the longest pauses', async () => {
    const scene = new TokenScene({ token: 'bad' });

    await refuse(scene, BOUNDS.REFUSALS - 1);
    const before = scene.codes;
    await refuse(scene, 1);
    const { length } = scene.fake.all;
    await scene.advance(PAUSE_MS - 1);
    const waiting = scene.fake.all.length;
    await scene.advance(1);
    await refuse(scene, 10);

    expect([before, scene.codes]).toEqual([[], ['unauthorized']]);
    expect([waiting - length, scene.fake.all.length - length, scene.rt.status]).toEqual([0, 10, 'offline']);
    scene.rt.close();
  });

  it.each<[string, (scene: TokenScene) => Promise<void> | void]>([
    ['one that is opened', async (scene) => void (await scene.open()).cut()],
    ['a new start', (scene) => (scene.rt.disconnect(), scene.rt.connect())],
  ])('counts anew after %s', async (_, interrupt) => {
    const scene = new TokenScene({ token: () => 'sometimes' });
    await refuse(scene, BOUNDS.REFUSALS - 1);
    await scene.advance(PAUSE_MS);
    await interrupt(scene);

    await refuse(scene, BOUNDS.REFUSALS - 1);

    expect(scene.codes).toEqual([]);
    scene.rt.close();
  });

  it('does not say so without a token', async () => {
    const scene = new TokenScene({});

    await refuse(scene, 2 * BOUNDS.REFUSALS);

    expect(scene.codes).toEqual([]);
    scene.rt.close();
  });

  it('does not count handshakes of a device that is offline', async () => {
    const scene = new TokenScene({ token: 'good' });
    const platform = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
    Object.defineProperty(globalThis, 'navigator', { value: { onLine: false }, configurable: true });

    await refuse(scene, 2 * BOUNDS.REFUSALS);
    Object.defineProperty(globalThis, 'navigator', platform ?? { value: undefined, configurable: true });

    expect(scene.codes).toEqual([]);
    scene.rt.close();
  });

  it('does not count sockets that open too slowly', async () => {
    const scene = new TokenScene({ token: 'good' });

    await scene.advance(3 * BOUNDS.REFUSALS * BOUNDS.OPEN_TIMEOUT_MS);

    expect(scene.fake.all.length).toBeGreaterThan(BOUNDS.REFUSALS);
    expect(scene.codes).toEqual([]);
    scene.rt.close();
  });

  it('may be closed by its own error listener', async () => {
    const scene = new TokenScene({ token: 'bad' });
    scene.rt.on('error', () => scene.rt.close());

    await refuse(scene, BOUNDS.REFUSALS);

    expect([scene.rt.status, scene.fake.clock.pending]).toEqual(['closed', 0]);
  });
});
