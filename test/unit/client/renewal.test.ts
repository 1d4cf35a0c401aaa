import type { Realtime } from '../../../client/src/index.ts';
import * as BOUNDS from '../../../client/src/bounds.ts';
import { ClientScene, follow, online, RENEWAL_DUE_MS } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

describe('a client whose connection nears its end', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  const statusesOf = (rt: Realtime): string[] => {
    const statuses: string[] = [];
    rt.on('status', (status) => statuses.push(status));
    return statuses;
  };

  it('has the next one before, and nobody notices', async () => {
    const rt = await online(scene.openShortLived());
    const { subscription, seqs, gaps, recoveries } = await follow(rt, 'news');
    scene.backend.publish('news', 1);
    await eventually(() => expect(seqs).toHaveLength(1));
    const told: string[] = [];
    subscription.on('state', (state) => told.push(state));
    subscription.on('subscribed', () => told.push('subscribed'));
    const statuses = statusesOf(rt);

    await scene.renew();
    scene.backend.publish('news', 2);
    await eventually(() => expect(seqs).toHaveLength(2));

    expect(seqs).toEqual([1, 2]);
    expect([...gaps, ...recoveries, ...told, ...statuses]).toEqual([]);
    expect(scene.backend.asked.at(-1)).toMatchObject({ position: { epoch: 'epoch-1', seq: 1 } });
  });

  it('keeps the old one until the next one has caught up in every topic', async () => {
    const rt = await online(scene.openShortLived());
    const news = await follow(rt, 'news');
    const votes = rt.counter('votes');
    await eventually(() => expect(votes.state).toBe('live'));
    scene.backend.subscribing = false;

    await scene.beginRenewal();
    scene.backend.publish('news', 'by the old one');
    await eventually(() => expect(news.seqs).toHaveLength(1));
    const before = scene.backend.connections;
    scene.backend.subscribing = true;
    scene.backend.publish('news', 'by the old one still');
    scene.clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);
    await eventually(() => expect(scene.backend.connections).toBe(1));

    expect(before).toBe(2);
    expect(news.seqs).toEqual([1, 2]);
    expect(news.gaps).toEqual([]);
  });

  it('keeps the old one when the next one is refused, and tries again', async () => {
    const rt = await online(scene.openShortLived());
    const { seqs } = await follow(rt, 'news');
    const statuses = statusesOf(rt);
    scene.backend.refuse = true;
    const pending = scene.clock.pending;

    scene.clock.advance(RENEWAL_DUE_MS);
    await eventually(() => expect(scene.clock.pending).toBe(pending));
    scene.backend.publish('news', 1);
    await eventually(() => expect(seqs).toHaveLength(1));
    scene.backend.refuse = false;
    scene.clock.advance(BOUNDS.RENEW_RETRY_BASE_MS);
    await eventually(() => scene.backend.opened.length === 2 && scene.backend.connections === 1);
    scene.backend.publish('news', 2);
    await eventually(() => expect(seqs).toHaveLength(2));

    expect(statuses).toEqual([]);
  });

  it('keeps the old one when the next one does not catch up in time', async () => {
    const rt = await online(scene.openShortLived());
    const { seqs } = await follow(rt, 'news');
    scene.backend.subscribing = false;

    await scene.beginRenewal();
    await scene.clock.pass(BOUNDS.RENEW_TIMEOUT_MS);
    await eventually(() => expect(scene.backend.connections).toBe(1));
    scene.backend.publish('news', 1);
    await eventually(() => expect(seqs).toHaveLength(1));

    expect(rt.status).toBe('online');
  });

  it('goes on by the next one when the old one ends first', async () => {
    const rt = await online(scene.openShortLived());
    const { seqs, gaps } = await follow(rt, 'news');
    const statuses = statusesOf(rt);
    const published = rt.publish('news', 1);
    await published;
    scene.backend.subscribing = false;
    await scene.beginRenewal();

    scene.backend.goAwayFirst();
    await eventually(() => expect(scene.backend.connections).toBe(1));
    scene.backend.publish('news', 2);
    scene.backend.subscribing = true;
    scene.clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);
    await eventually(() => expect(seqs).toHaveLength(2));

    expect([seqs, gaps, statuses]).toEqual([[1, 2], [], []]);
  });

  it('sends again by the next one what the old one has not answered, and it counts once', async () => {
    const rt = await online(scene.openShortLived());
    await follow(rt, 'news');
    scene.backend.subscribing = false;
    await scene.beginRenewal();
    scene.backend.answer = false;
    const published = rt.publish('news', 1);
    await eventually(() => expect(scene.framesOf('publish')).toHaveLength(1));
    scene.backend.answer = true;

    scene.backend.goAwayFirst();

    await expect(published).resolves.toMatchObject({ seq: 1 });
    expect(new Set(scene.framesOf('publish').map((frame) => JSON.stringify(frame))).size).toBe(1);
  });

  it('subscribes and unsubscribes in between as ever', async () => {
    const rt = await online(scene.openShortLived());
    const { subscription, seqs } = await follow(rt, 'news');
    scene.backend.subscribing = false;
    await scene.beginRenewal();
    scene.backend.subscribing = true;

    subscription.unsubscribe();
    const late = await follow(rt, 'late');
    await eventually(() => expect(scene.backend.connections).toBe(1));
    scene.backend.publish('news', 'to nobody');
    scene.backend.publish('late', 1);
    await eventually(() => expect(late.seqs).toHaveLength(1));

    expect(seqs).toEqual([]);
  });

  it('does not hear by the next one what it published to all but itself', async () => {
    const rt = await online(scene.openShortLived());
    const { seqs, gaps } = await follow(rt, 'news');
    scene.backend.subscribing = false;
    await scene.beginRenewal();
    scene.backend.subscribing = true;
    const own = rt.publish('news', 'mine', { echo: false });
    scene.clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);
    await own;

    await eventually(() => expect(scene.backend.connections).toBe(1));
    scene.backend.publish('news', 'theirs');
    await eventually(() => expect(seqs).toContain(2));

    expect([seqs, gaps]).toEqual([[2], []]);
  });

  it('comes back at once when the server closes in order', async () => {
    const rt = await online(scene.openShortLived());
    const { seqs, recoveries } = await follow(rt, 'news');
    scene.clock.advance(BOUNDS.STABLE_AFTER_MS);

    scene.backend.goAway();
    scene.backend.publish('news', 1);
    await eventually(() => {
      scene.clock.advance(0);
      return seqs.length === 1;
    });

    expect(recoveries).toEqual([
      {
        topic: 'news',
        recovered: true,
        last: { epoch: null, seq: 0 },
        now: { epoch: 'epoch-1', seq: 1 },
        lost: 0,
      },
    ]);
  });

  it('leaves no timer behind when it is closed in between', async () => {
    const rt = await online(scene.openShortLived());
    await follow(rt, 'news');
    scene.clock.advance(RENEWAL_DUE_MS);

    rt.close();

    expect(scene.clock.pending).toBe(0);
  });
});
