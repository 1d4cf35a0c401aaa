import type { Realtime } from '../../../client/src/index.ts';
import { ClientScene, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

const nextError = (rt: Realtime) => new Promise((resolve) => rt.on('error', resolve));

describe('a client that is rate-limited', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  it('sends the request again once the server’s pause is over, and not before', async () => {
    const rt = await online(scene.open());
    scene.backend.rateLimited = 1;
    const published = rt.publish('news', 1);

    await expect(nextError(rt)).resolves.toMatchObject({ code: 'rate-limited' });
    scene.clock.advance(9_999);
    expect(scene.framesOf('publish')).toHaveLength(1);
    scene.clock.advance(200);

    await expect(published).resolves.toMatchObject({ seq: 1 });
    expect(scene.framesOf('publish')).toHaveLength(2);
  });

  it('gives up when the time of the request is over', async () => {
    const rt = await online(scene.open([], { requestTimeoutMs: 5_000 }));
    rt.on('error', () => scene.clock.advance(5_000));
    scene.backend.rateLimited = 1;

    await expect(rt.publish('news', 1)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('subscribes and unsubscribes in the end', async () => {
    const rt = await online(scene.open());
    scene.backend.rateLimited = 1;
    const subscription = rt.subscribe('news');
    await nextError(rt);
    scene.clock.advance(10_200);
    await eventually(() => subscription.state === 'live');

    scene.backend.rateLimited = 1;
    subscription.unsubscribe();
    await nextError(rt);
    scene.clock.advance(10_200);
    await eventually(() => scene.framesOf('unsubscribe').length === 2);

    expect(new Set(scene.framesOf('unsubscribe').map(({ id }) => id)).size).toBe(1);
  });
});
