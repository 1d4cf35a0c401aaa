import * as BOUNDS from '../../../client/src/bounds.ts';
import type { Gap, Message, Realtime, Recovered, Subscribed } from '../../../client/src/index.ts';
import { ClientScene, offline, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

const nameOf = ({ topic, seq }: Message): string => `${topic} ${seq}`;

describe('a client’s subscription to a wildcard', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  async function follow(rt: Realtime, wildcard = 'news/*') {
    const subscription = rt.subscribe(wildcard);
    const seen: string[] = [];
    const [gaps, recoveries, answers]: [Gap[], Recovered[], Subscribed[]] = [[], [], []];
    subscription.on('message', (message) => seen.push(nameOf(message)));
    subscription.on('gap', (gap) => gaps.push(gap));
    subscription.on('recovered', (recovered) => recoveries.push(recovered));
    subscription.on('subscribed', (answer) => answers.push(answer));
    await eventually(() => expect(subscription.state).toBe('live'));
    return { subscription, seen, gaps, recoveries, answers };
  }

  it('shares one subscription among its handles, and gives each message to the topic as well', async () => {
    const rt = await online(scene.open());
    const { seen } = await follow(rt);
    const [second, topic] = [rt.subscribe('news/*'), rt.subscribe('news/a')];
    const [other, own]: [string[], string[]] = [[], []];
    second.on('message', (message) => other.push(nameOf(message)));
    topic.on('message', (message) => own.push(nameOf(message)));
    await eventually(() => expect(topic.state).toBe('live'));

    scene.backend.publish('news/a', 1);
    await eventually(() => expect([seen, other, own]).toEqual([['news/a 1'], ['news/a 1'], ['news/a 1']]));
    topic.unsubscribe();
    second.unsubscribe();
    scene.backend.publish('news/a', 2);
    await eventually(() => expect(seen).toHaveLength(2));

    expect(scene.framesOf('unsubscribe')).toMatchObject([{ topic: 'news/a' }]);
    expect([other, own]).toEqual([['news/a 1'], ['news/a 1']]);
  });

  it('does not take its own message, published with echo false, for a missing one', async () => {
    const rt = await online(scene.open());
    const { seen } = await follow(rt);
    scene.backend.publish('news/a', 1);
    await eventually(() => expect(seen).toHaveLength(1));

    await rt.publish('news/a', 'own', { echo: false });
    scene.backend.publish('news/a', 3);
    await eventually(() => expect(seen).toHaveLength(2));

    expect(seen).toEqual(['news/a 1', 'news/a 3']);
    expect(scene.framesOf('subscribe')).toHaveLength(1);
  });

  it('subscribes again when a ping shows that the server has lost the wildcard', async () => {
    const rt = await online(scene.open());
    const { subscription, seen } = await follow(rt);
    scene.backend.publish('news/a', 1);
    await eventually(() => expect(seen).toHaveLength(1));
    scene.backend.forget();
    scene.backend.publish('news/a', 2);

    scene.clock.advance(BOUNDS.IDLE_MS * BOUNDS.IDLE_PING_SHARE);
    await eventually(() => expect(seen).toHaveLength(2));

    expect(subscription.state).toBe('live');
    expect(scene.framesOf('ping').at(-1)).toMatchObject({
      positions: { 'news/*': { epoch: null, seq: 0 }, 'news/a': { seq: 1 } },
    });
  });

  it('keeps its order over a connection that is renewed in time', async () => {
    const rt = scene.openShortLived();
    const { subscription, seen, gaps } = await follow(await online(rt));
    scene.backend.publish('news/a', 1);
    await eventually(() => expect(seen).toHaveLength(1));

    await scene.renew();
    scene.backend.publish('news/a', 2);
    await eventually(() => expect(seen).toHaveLength(2));

    expect([seen, gaps, subscription.state]).toEqual([['news/a 1', 'news/a 2'], [], 'live']);
  });

  it('ends with the last handle, and offline it waits', async () => {
    const rt = await online(scene.open());
    const { subscription } = await follow(rt);
    scene.backend.cut();
    await offline(rt);
    const state = subscription.state;

    subscription.unsubscribe();
    await scene.reconnect(rt);

    expect([state, subscription.state]).toEqual(['subscribing', 'ended']);
    expect(scene.framesOf('subscribe')).toHaveLength(1);
  });

  it('fails when the server refuses it', async () => {
    const rt = await online(scene.open());
    const subscription = rt.subscribe('no good/*');

    await eventually(() => expect(subscription.state).toBe('failed'));

    expect(subscription.error).toMatchObject({ code: 'bad-topic' });
  });

  it.each([{ history: 3 }, { presence: true }])('takes no options that are about one topic: %j', async (options) => {
    const rt = scene.open();

    expect(() => rt.subscribe('news/*', options)).toThrow(TypeError);
    expect(() => rt.subscribe('news/*')).not.toThrow();
  });
});
