import type { Realtime, WakeSource } from '../../../client/src/index.ts';
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

  it('holds further requests back until those that were refused are settled', async () => {
    const rt = await online(scene.open());
    const sent = () => scene.framesOf('publish').length;
    const refusals: unknown[] = [];
    rt.on('error', (error) => refusals.push(error));
    scene.backend.rateLimited = 2;
    const refused = [rt.publish('one', 1), rt.publish('two', 2)];
    await eventually(() => refusals.length === 2);

    const later = Array.from({ length: 20 }, (_, index) => rt.publish(`topic-${index}`, index));
    scene.clock.advance(9_999);
    expect(sent()).toBe(2);
    scene.clock.advance(200);

    await Promise.all([...refused, ...later]);
    expect(sent()).toBe(24);
  });

  it('holds back the repeat of another request, and sends that after it', async () => {
    const rt = await online(scene.open());
    const codes: string[] = [];
    rt.on('error', ({ code }) => codes.push(code));
    scene.backend.unavailable = 1;
    const failed = rt.publish('one', 1);
    scene.backend.rateLimited = 1;
    const refused = rt.publish('two', 2);
    await eventually(() => expect(codes).toEqual(['rate-limited']));

    scene.clock.advance(9_999);
    expect(scene.framesOf('publish')).toHaveLength(2);
    scene.clock.advance(200);

    await expect(Promise.all([failed, refused])).resolves.toHaveLength(2);
  });

  it('says of a request that it held back for all of its time that the rate was refused', async () => {
    const rt = await online(scene.open([], { requestTimeoutMs: 5_000 }));
    scene.backend.rateLimited = 1;
    const refused = nextError(rt);
    rt.subscribe('lobby');
    await refused;
    const held = rt.publish('news', 1);
    scene.clock.advance(5_000);

    await expect(held).rejects.toMatchObject({ code: 'rate-limited' });
    expect(scene.framesOf('publish')).toEqual([]);
  });

  it('sends what it held back when a refused request is given up', async () => {
    const rt = await online(scene.open([], { requestTimeoutMs: 5_000 }));
    scene.backend.rateLimited = 1;
    const refused = rt.publish('one', 1);
    await nextError(rt);
    scene.clock.advance(3_000);
    const later = rt.publish('two', 2);
    scene.clock.advance(2_000);

    await expect(refused).rejects.toMatchObject({ code: 'timeout' });
    await expect(later).resolves.toMatchObject({ seq: 1 });
  });

  it('connects again after the server’s pause when it is closed for its flood, and says so once', async () => {
    const rt = await online(scene.open());
    scene.clock.advance(60_000);
    const codes: string[] = [];
    rt.on('error', ({ code }) => codes.push(code));
    for (const waits of [0, 1]) {
      const opened = scene.backend.opened.length;
      scene.backend.send({
        type: 'error',
        code: 'rate-limited',
        message: 'Closed.',
        closing: true,
        retryAfterMs: 10_000,
      });
      await eventually(() => expect(codes).toHaveLength(waits + 1));
      scene.backend.cut();
      await eventually(() => rt.status === 'offline');

      scene.clock.advance(10_000);
      expect(scene.backend.opened).toHaveLength(opened);
      // Each time half of the longest pause, which doubles.
      scene.clock.advance(250 * 2 ** waits);
      await online(rt);
      scene.clock.advance(60_000);
    }

    expect(codes).toEqual(['rate-limited', 'rate-limited']);
  });

  it('waits out the pause of its flood although the tab is seen again', async () => {
    const wakes: (() => void)[] = [];
    const wakeSource: WakeSource = (wake) => {
      wakes.push(wake);
      return () => undefined;
    };
    const rt = await online(scene.open([], { wakeSource }));
    const closed = nextError(rt);
    scene.backend.send({ type: 'error', code: 'rate-limited', message: '', closing: true, retryAfterMs: 10_000 });
    await closed;

    for (const wake of wakes) wake();
    const { status } = rt;
    rt.connect();

    expect(status).toBe('offline');
    expect(rt.status).toBe('connecting');
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
