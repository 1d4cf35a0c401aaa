import * as BOUNDS from '../../../client/src/bounds.ts';
import { ClientScene, offline, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

describe('a client, asking for something', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  it('waits for the connection when there is none', async () => {
    const rt = scene.open();

    const published = await rt.publish('news', { hello: 'world' });

    expect(published).toEqual({ topic: 'news', epoch: 'epoch-1', seq: 1 });
  });

  it('counts once what had to be sent twice', async () => {
    const rt = await online(scene.open());
    const votes = rt.counter('votes');
    scene.backend.answer = false;
    const incremented = votes.increment(3);
    await eventually(() => expect(scene.framesOf('plus')).toHaveLength(1));
    // The server did it; only its answer was lost.
    scene.backend.topics.once(Object(scene.framesOf('plus')[0])['key'], () => scene.backend.topics.change('votes', 3));
    scene.backend.answer = true;
    scene.backend.cut();

    await scene.reconnect(rt);

    await expect(incremented).resolves.toBe(3);
    expect(scene.framesOf('plus')).toHaveLength(2);
    expect(scene.backend.topics.valueOf('votes')).toBe(3);
  });

  it('is tried again when the server could not do it just now, and counts once', async () => {
    const rt = await online(scene.open());
    scene.backend.unavailable = 2;
    const published = rt.publish('news', 1);

    await eventually(() => {
      scene.clock.advance(1);
      return scene.framesOf('publish').length === 3;
    });

    await expect(published).resolves.toMatchObject({ seq: 1 });
    expect(new Set(scene.framesOf('publish').map((frame) => JSON.stringify(frame))).size).toBe(1);
  });

  it('is tried again when the gateway says that the server failed at some request, and counts once', async () => {
    const rt = await online(scene.open());
    scene.backend.answer = false;
    const published = rt.publish('news', 1);
    await eventually(() => expect(scene.framesOf('publish')).toHaveLength(1));
    scene.backend.answer = true;

    scene.backend.send({ message: 'Internal server error', connectionId: 'c', requestId: 'r' });
    await eventually(() => {
      scene.clock.advance(1);
      return scene.framesOf('publish').length === 2;
    });

    await expect(published).resolves.toMatchObject({ seq: 1 });
    expect(new Set(scene.framesOf('publish').map((frame) => JSON.stringify(frame))).size).toBe(1);
  });

  it('fails at once for what JSON cannot hold, and keeps nothing else from being sent', async () => {
    const rt = scene.open();
    const [cyclic, mutable] = [Object.assign([], { 0: {} }), { text: 'as it was' }];
    cyclic[0] = cyclic;
    const refused = [rt.publish('news', 1n, { key: 'a' }), rt.publish('news', cyclic, { echo: false })];
    const published = rt.publish('news', mutable, { key: 'b' });
    mutable.text = 'changed since';

    await expect(Promise.allSettled(refused)).resolves.toMatchObject([
      { reason: { code: 'bad-frame', cause: expect.any(TypeError) } },
      { reason: { code: 'bad-frame', cause: expect.any(TypeError) } },
    ]);
    await expect(published).resolves.toMatchObject({ seq: 1 });
    expect(scene.framesOf('publish')).toMatchObject([{ key: 'b', data: { text: 'as it was' } }]);
  });

  it('gives up after a while, saying that it was never sent', async () => {
    const rt = await online(scene.open());
    scene.backend.cut();
    await offline(rt);
    await scene.backend.stop();
    const published = rt.publish('news', 1);

    scene.clock.advance(BOUNDS.REQUEST_TIMEOUT_MS);

    await expect(published).rejects.toMatchObject({ code: 'offline' });
    await scene.start();
  });

  it('gives up after a while, saying that it may have been done', async () => {
    const rt = await online(scene.open());
    scene.backend.answer = false;
    const published = rt.publish('news', 1);

    scene.clock.advance(BOUNDS.REQUEST_TIMEOUT_MS);

    await expect(published).rejects.toMatchObject({ code: 'timeout' });
  });

  it('lets no more than a bound of requests wait', async () => {
    const rt = scene.open();
    const waiting = Array.from({ length: BOUNDS.WAITING_REQUESTS }, () => rt.publish('news', 1));
    const settled = Promise.allSettled(waiting);

    const oneMore = rt.publish('news', 1);

    await expect(oneMore).rejects.toMatchObject({ code: 'queue-full' });
    rt.close();
    await settled;
  });

  it('tells of what the gateway itself complains of', async () => {
    const rt = await online(scene.open());
    const errors: unknown[] = [];
    rt.on('error', (error) => errors.push(error));

    scene.backend.send({ message: 'Internal server error', connectionId: 'c', requestId: 'r' });

    await eventually(() => errors.length > 0);
    expect(errors).toMatchObject([{ code: 'unavailable', message: 'Internal server error' }]);
  });
});
