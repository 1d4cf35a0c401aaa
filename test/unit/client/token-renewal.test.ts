import * as BOUNDS from '../../../client/src/bounds.ts';
import { messageFrame } from '../../helpers/fake-sockets.ts';
import { TokenScene, tokenOf } from '../../helpers/token-scene.ts';

/** The share of a life after which the scene's randomness renews it. */
const RENEW_SHARE = (BOUNDS.RENEW_FROM_SHARE + BOUNDS.RENEW_TO_SHARE) / 2;

const LIFE_SECONDS = 60;

/** Time in ms after which a connection under a token of LIFE_SECONDS is renewed. */
const DUE_MS = LIFE_SECONDS * 1_000 * RENEW_SHARE;

const HOUR_MS = 60 * 60_000;

interface SceneOptions {
  /** The time by which the clock of the device is ahead of the server’s. */
  readonly aheadMs?: number;
  readonly lifeMs?: number;
  readonly hasIat?: boolean;
}

/** A scene whose tokens are valid for `lifeMs` by the clock of the server. */
function sceneOf({ aheadMs = 0, lifeMs = LIFE_SECONDS * 1_000, hasIat = false }: SceneOptions = {}): TokenScene {
  let scene: TokenScene | undefined;
  const serverMs = (): number => 24 * HOUR_MS + (scene?.fake.clock.now() ?? 0);
  const token = async (): Promise<string> =>
    tokenOf({ exp: (serverMs() + lifeMs) / 1_000, ...(hasIat ? { iat: serverMs() / 1_000 } : {}) });
  scene = new TokenScene({ token, wallClock: () => serverMs() + aheadMs });
  return scene;
}

describe('a connection whose token nears its end', () => {
  it('is replaced before by one with a fresh token, and nobody notices', async () => {
    const scene = sceneOf();
    await scene.open();
    const subscription = scene.rt.subscribe('news');
    const seqs: number[] = [];
    const told: string[] = [];
    subscription.on('message', ({ seq }) => seqs.push(seq));
    const old = await scene.openAndAnswer();
    subscription.on('state', (state) => told.push(state));
    subscription.on('gap', () => told.push('gap'));
    subscription.on('recovered', () => told.push('recovered'));

    await scene.advance(DUE_MS - 1);
    const before = scene.fake.all.length;
    await scene.advance(1);
    old.receive(messageFrame('news', 1));
    const next = await scene.openAndAnswer(1);
    next.receive(messageFrame('news', 1), messageFrame('news', 2));

    expect([before, scene.fake.all.length, old.isClosed]).toEqual([1, 2, true]);
    expect(new Set(scene.tokens).size).toBe(2);
    expect([seqs, told]).toEqual([[1, 2], []]);
    expect([scene.errors, scene.statuses]).toEqual([[], ['online']]);
    scene.rt.close();
  });

  it.each([
    ['a clock that is ahead of the end', HOUR_MS],
    ['a clock that is behind', -HOUR_MS],
  ])('goes by the time of its issue, with %s', async (_, aheadMs) => {
    const scene = sceneOf({ aheadMs, hasIat: true });
    await scene.open();

    await scene.advance(DUE_MS - 1);
    const before = scene.fake.all.length;
    await scene.advance(1);

    expect([before, scene.fake.all.length]).toEqual([1, 2]);
    scene.rt.close();
  });

  it('goes by the life of connections when the end is over and the issue is not known', async () => {
    const scene = sceneOf({ aheadMs: HOUR_MS });
    await scene.open();

    await scene.advance(BOUNDS.LIFETIME_MS * RENEW_SHARE - 1);
    const before = scene.fake.all.length;
    await scene.advance(1);

    expect([before, scene.fake.all.length]).toEqual([1, 2]);
    scene.rt.close();
  });

  it('is not replaced more than once a second, however near the end is', async () => {
    const scene = sceneOf({ lifeMs: 1 });
    await scene.open();
    const openedAtMs: number[] = [];

    for (let ms = 0; ms < 10_000; ms += 100) {
      const { length } = scene.fake.all;
      await scene.advance(100);
      if (scene.fake.all.length > length) openedAtMs.push(scene.fake.clock.now());
      if (scene.fake.all.length > length) await scene.open();
    }

    const pauses = openedAtMs.slice(1).map((each, index) => each - (openedAtMs[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(BOUNDS.RENEW_PAUSE_MS);
    expect(scene.statuses).toEqual(['online']);
    scene.rt.close();
  });

  it.each([
    ['a token that is a text', tokenOf({ exp: LIFE_SECONDS, iat: 0 })],
    ['a token that is no JWT', async () => 'opaque'],
    ['a JWT without an end', async () => tokenOf({ iat: 0 })],
    ['a JWT whose end is no number', async () => tokenOf({ exp: 'soon', iat: 0 })],
  ])('lives on with %s', async (_, token) => {
    const scene = new TokenScene({ token });
    await scene.open();

    await scene.advance(BOUNDS.LIFETIME_MS * BOUNDS.RENEW_FROM_SHARE);

    expect(scene.fake.all).toHaveLength(1);
    scene.rt.close();
  });
});
