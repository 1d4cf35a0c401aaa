import * as BOUNDS from '../../../client/src/bounds.ts';
import type { Realtime, RealtimeError } from '../../../client/src/index.ts';
import { ClientScene, follow, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

describe('the state that a client sets in a topic', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  const sent = () => scene.framesOf('setPresence').map((frame) => ('state' in frame ? frame.state : undefined));

  async function joined(open: () => Realtime = () => scene.open()) {
    const rt = await online(open());
    const { subscription } = await follow(rt, 'lobby');
    return { rt, subscription };
  }

  it('is sent with its topic', async () => {
    const { rt } = await joined();

    rt.presence('lobby').set({ typing: true });

    await eventually(() =>
      expect(scene.framesOf('setPresence')).toMatchObject([{ topic: 'lobby', state: { typing: true } }]),
    );
  });

  it('is sent once a while, the last value alone', async () => {
    const { rt } = await joined();
    const own = rt.presence('lobby');

    for (const state of [1, 2, 3]) own.set(state);
    await eventually(() => expect(sent()).toEqual([1]));
    scene.clock.advance(BOUNDS.STATE_MS - 1);
    await rt.publish('lobby', 'a frame in between');
    const before = sent();
    scene.clock.advance(1);

    await eventually(() => expect(sent()).toEqual([1, 3]));
    expect(before).toEqual([1]);
  });

  it('that waits for its turn is not overtaken by the repeat of an earlier one', async () => {
    const { rt } = await joined();
    scene.backend.rateLimited = 1;
    const refusals: string[] = [];
    rt.on('error', ({ code }) => refusals.push(code));

    rt.presence('lobby').set('old');
    await eventually(() => expect(refusals).toEqual(['rate-limited']));
    rt.presence('lobby').set('new');
    scene.clock.advance(BOUNDS.STATE_MS);
    // A subscription, since other requests wait for the refused one.
    await follow(rt, 'other');
    const before = sent();
    scene.clock.advance(9_500);

    await eventually(() => expect(sent()).toEqual(['old', 'old', 'new']));
    expect(before).toEqual(['old']);
  });

  it('waits for the subscription', async () => {
    const rt = await online(scene.open());
    scene.backend.subscribing = false;
    const lobby = rt.subscribe('lobby');

    rt.presence('lobby').set(1);
    await rt.publish('lobby', 'a frame in between');
    const before = sent();
    scene.backend.subscribing = true;
    scene.clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);

    await eventually(() => expect(sent()).toEqual([1]));
    expect(before).toEqual([]);
    expect(lobby.state).toBe('live');
  });

  it('is set again by the next connection, unless it has ended', async () => {
    const { rt } = await joined();
    await follow(rt, 'other');
    rt.presence('lobby').set('here');
    rt.presence('other').set('gone');
    await eventually(() => expect(sent()).toEqual(['here', 'gone']));
    scene.clock.advance(BOUNDS.STATE_MS);
    rt.presence('other').set(null);
    await eventually(() => expect(sent()).toHaveLength(3));

    scene.backend.cut();
    await scene.reconnect(rt);
    scene.clock.advance(BOUNDS.STATE_MS);
    await eventually(() => expect(sent()).toHaveLength(4));
    await rt.publish('lobby', 'a frame after');

    expect(sent()).toEqual(['here', 'gone', null, 'here']);
  });

  it('is set again by the connection that renews this one', async () => {
    const { rt } = await joined(scene.openShortLived);
    rt.presence('lobby').set('here');
    await eventually(() => expect(sent()).toEqual(['here']));
    scene.clock.advance(BOUNDS.STATE_MS);

    await scene.renew();

    await eventually(() => expect(sent()).toEqual(['here', 'here']));
  });

  it('is refused with an error of the subscription', async () => {
    const { rt, subscription } = await joined();
    const errors: RealtimeError[] = [];
    subscription.on('error', (error) => errors.push(error));

    rt.presence('lobby').set('x'.repeat(BOUNDS.FRAME_BYTES));

    await eventually(() => expect(errors).toMatchObject([{ code: 'too-large' }]));
  });

  it('needs a subscription', async () => {
    const { rt, subscription } = await joined();
    const own = rt.presence('lobby');
    subscription.unsubscribe();

    expect(() => own.set(1)).toThrow(expect.objectContaining({ code: 'not-subscribed' }));
    expect(() => rt.presence('counter:votes').set(1)).toThrow(expect.objectContaining({ code: 'not-subscribed' }));
  });
});
