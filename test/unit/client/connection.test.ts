import * as BOUNDS from '../../../client/src/bounds.ts';
import { connect } from '../../../client/src/index.ts';
import { ClientScene, follow, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

describe('the connection of a client', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  describe('connecting', () => {
    it('goes from connecting to online', async () => {
      const rt = scene.open();
      const before = rt.status;

      await online(rt);

      expect([before, rt.status]).toEqual(['connecting', 'online']);
    });

    it('subscribes to nothing by its URL, unless told to', async () => {
      await online(scene.open());
      await online(scene.open(['news', 'counter:votes']));

      expect(scene.backend.opened).toEqual(['/live?topics=', '/live?topics=news%2Ccounter%3Avotes&batch=true']);
    });

    it('throws for a URL that is none', () => {
      expect(() => connect('not a url')).toThrow();
    });

    it('comes back by itself when the server does', async () => {
      const rt = await online(scene.open());
      await scene.replaceBackend();

      await scene.reconnect(rt);

      expect(rt.status).toBe('online');
    });

    it('leaves no timer behind when it is closed', async () => {
      const rt = await online(scene.open());
      await follow(rt, 'news');
      const pending = rt.publish('news', 1);

      rt.close();

      await expect(pending).rejects.toMatchObject({ code: 'closed' });
      expect(rt.status).toBe('closed');
      expect(scene.clock.pending).toBe(0);
      expect(() => rt.subscribe('other')).toThrow('closed');
    });
  });

  describe('staying alive', () => {
    it('pings when idle, with where it stands', async () => {
      const rt = await online(scene.open());
      scene.backend.publish('news', 'first');
      await follow(rt, 'news');

      scene.clock.advance(BOUNDS.IDLE_MS * BOUNDS.IDLE_PING_SHARE);
      await eventually(() => expect(scene.framesOf('ping')).toHaveLength(1));

      expect(scene.framesOf('ping')[0]).toMatchObject({ positions: { news: { epoch: 'epoch-1', seq: 1 } } });
      expect(rt.status).toBe('online');
    });

    it('pings when nothing comes of what it follows, though its own requests are answered, and subscribes again', async () => {
      const rt = await online(scene.open());
      const { seqs, gaps, recoveries } = await follow(rt, 'news');
      const errors: unknown[] = [];
      rt.on('error', (error) => errors.push(error));
      scene.backend.forget();
      scene.backend.publish('news', 'not delivered');

      for (const _ of Array.from({ length: 10 })) {
        scene.clock.advance((BOUNDS.IDLE_MS * BOUNDS.IDLE_PING_SHARE) / 10);
        await rt.publish('other', 'answered');
      }
      await eventually(() => expect(seqs).toHaveLength(1));

      expect(scene.framesOf('ping')).toHaveLength(1);
      expect(scene.framesOf('subscribe').at(-1)).toMatchObject({ topic: 'news', position: { epoch: null, seq: 0 } });
      expect([rt.status, gaps, errors]).toEqual(['online', [], []]);
      expect(recoveries).toMatchObject([{ recovered: true }]);
    });

    it('takes a ping without a pong for a dead socket', async () => {
      const rt = await online(scene.open());
      scene.backend.answer = false;

      scene.clock.advance(BOUNDS.IDLE_MS * BOUNDS.IDLE_PING_SHARE);
      scene.clock.advance(BOUNDS.PONG_TIMEOUT_MS);

      expect(rt.status).toBe('offline');
    });

    it('asks whether anybody is there when a request stays unanswered', async () => {
      const rt = await online(scene.open());
      scene.backend.answer = false;
      const published = rt.publish('news', 1);

      scene.clock.advance(BOUNDS.SILENCE_MS);
      scene.clock.advance(BOUNDS.PONG_TIMEOUT_MS);
      scene.backend.answer = true;
      const statusThen = rt.status;
      scene.clock.advance(BOUNDS.RECONNECT_BASE_MS);

      expect(statusThen).toBe('offline');
      await expect(published).resolves.toMatchObject({ topic: 'news', seq: 1 });
    });
  });
});
