import * as BOUNDS from '../../../client/src/bounds.ts';
import { ClientScene, follow, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

describe('a client, following a topic', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  it('begins with the history that it asks for, in order, however many frames it takes', async () => {
    for (let count = 1; count <= 12; count += 1) scene.backend.publish('news', count);
    const rt = await online(scene.open());

    const { seqs } = await follow(rt, 'news', { history: 10 });

    expect(seqs).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('needs no frame for a topic that the URL has subscribed to', async () => {
    const rt = scene.open(['news']);
    const { seqs } = await follow(rt, 'news');

    scene.backend.publish('news', 'hello');
    await eventually(() => expect(seqs).toHaveLength(1));

    expect(scene.framesOf('subscribe')).toEqual([]);
  });

  it('gets after a reconnect exactly what it missed', async () => {
    const rt = await online(scene.open());
    const { seqs, gaps } = await follow(rt, 'news');
    scene.backend.publish('news', 1);
    await eventually(() => expect(seqs).toHaveLength(1));
    scene.backend.cut();
    for (let count = 2; count <= 8; count += 1) scene.backend.publish('news', count);

    await scene.reconnect(rt);
    await eventually(() => expect(seqs).toHaveLength(8));

    expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(gaps).toEqual([]);
    expect(scene.backend.asked.at(-1)).toMatchObject({ position: { epoch: 'epoch-1', seq: 1 } });
  });

  it('goes back with a topic that was restored to an earlier state, once it is told so again and again', async () => {
    const rt = await online(scene.open());
    const { seqs, gaps } = await follow(rt, 'news');
    for (let count = 1; count <= 5; count += 1) scene.backend.publish('news', count);
    await eventually(() => expect(seqs).toHaveLength(5));
    scene.backend.topics.rewind('news', 2);
    scene.backend.cut();

    await scene.reconnect(rt);
    await eventually(() => expect(gaps).toHaveLength(1));
    scene.backend.publish('news', 'anew');
    await eventually(() => expect(seqs).toHaveLength(6));

    expect(seqs).toEqual([1, 2, 3, 4, 5, 3]);
    expect(scene.backend.asked.length).toBeLessThanOrEqual(3 + BOUNDS.LATE_ANSWERS);
  });

  it('tells once of each interruption how it ended', async () => {
    const rt = await online(scene.open());
    const { seqs, gaps, recoveries } = await follow(rt, 'news');
    const [none, first] = [
      { epoch: null, seq: 0 },
      { epoch: 'epoch-1', seq: 1 },
    ];
    scene.backend.cut();
    scene.backend.publish('news', 1);
    await scene.reconnect(rt);
    await eventually(() => expect(recoveries).toHaveLength(1));
    scene.backend.cut();
    scene.backend.publish('news', 2);
    scene.backend.publish('news', 3);
    scene.backend.topics.expire('news');
    scene.clock.advance(BOUNDS.STABLE_AFTER_MS);

    await scene.reconnect(rt);
    await eventually(() => expect(recoveries).toHaveLength(2));
    scene.backend.publish('news', 4);
    await eventually(() => expect(seqs).toHaveLength(2));

    expect(recoveries).toEqual([
      { topic: 'news', recovered: true, last: none, now: first, lost: 0 },
      { topic: 'news', recovered: false, last: first, now: { epoch: 'epoch-1', seq: 3 }, lost: 2 },
    ]);
    expect(gaps).toHaveLength(1);
  });

  it('takes no answer for its own that begins after where it stands', async () => {
    const rt = await online(scene.open());
    const { subscription, seqs, gaps } = await follow(rt, 'news');
    scene.backend.publish('news', 1);
    await eventually(() => expect(seqs).toHaveLength(1));
    scene.backend.deliver = false;
    scene.backend.publish('news', 2);

    scene.backend.send({ type: 'subscribed', topic: 'news', epoch: 'epoch-1', seq: 2, recovered: true, messages: [] });
    await eventually(() => seqs.length === 2 && subscription.state === 'live');

    expect([seqs, gaps]).toEqual([[1, 2], []]);
  });

  it('fetches what a live message shows to be missing', async () => {
    const rt = await online(scene.open());
    const { seqs, gaps } = await follow(rt, 'news');
    scene.backend.deliver = false;
    scene.backend.publish('news', 'undelivered');
    scene.backend.deliver = true;

    scene.backend.publish('news', 'delivered');
    await eventually(() => expect(seqs).toHaveLength(2));

    expect(seqs).toEqual([1, 2]);
    expect(gaps).toEqual([]);
  });

  it('drops repeats', async () => {
    const rt = await online(scene.open());
    const { seqs } = await follow(rt, 'news');
    const first = scene.backend.publish('news', 1);

    scene.backend.send(first);
    scene.backend.send({ type: 'batch', frames: [first, first] });
    scene.backend.publish('news', 2);
    await eventually(() => expect(seqs).toContain(2));

    expect(seqs).toEqual([1, 2]);
  });

  it('says which messages are lost when the server does not have them any more', async () => {
    const rt = await online(scene.open());
    const { seqs, gaps } = await follow(rt, 'news');
    scene.backend.cut();
    for (let count = 1; count <= 3; count += 1) scene.backend.publish('news', count);
    scene.backend.topics.expire('news');

    await scene.reconnect(rt);
    await eventually(() => expect(gaps).toHaveLength(1));
    scene.backend.publish('news', 4);
    await eventually(() => expect(seqs).toHaveLength(1));

    expect(gaps).toEqual([{ topic: 'news', last: { epoch: null, seq: 0 }, now: { epoch: 'epoch-1', seq: 3 } }]);
    expect(seqs).toEqual([4]);
  });

  it('says so when the numbering began anew', async () => {
    const rt = await online(scene.open());
    const { seqs, gaps } = await follow(rt, 'news');
    scene.backend.publish('news', 1);
    await eventually(() => expect(seqs).toHaveLength(1));

    scene.backend.topics.restart('news');
    scene.backend.publish('news', 'in a new life');
    await eventually(() => gaps.length === 1 && seqs.length === 2);

    expect(gaps[0]).toMatchObject({ last: { epoch: 'epoch-1', seq: 1 }, now: { epoch: 'epoch-2' } });
  });

  it('does not take an own message that is not echoed for a gap', async () => {
    const rt = await online(scene.open());
    const { seqs, gaps } = await follow(rt, 'news');

    const { seq } = await rt.publish('news', 'mine', { echo: false });
    scene.backend.publish('news', 'theirs');
    await eventually(() => expect(seqs).toHaveLength(1));

    expect([seq, seqs, gaps]).toEqual([1, [2], []]);
    expect(scene.backend.asked).toHaveLength(1);
  });

  it('asks again when the answer to its subscription gets lost', async () => {
    const rt = await online(scene.open());
    scene.backend.answer = false;
    const subscription = rt.subscribe('news');
    await eventually(() => expect(scene.framesOf('subscribe')).toHaveLength(1));
    scene.backend.answer = true;
    scene.backend.send({ type: 'pong' });
    await rt.publish('other', 1);

    scene.clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);
    await eventually(() => expect(subscription.state).toBe('live'));
  });

  it('tells of a refusal and asks no more', async () => {
    const rt = await online(scene.open());
    const subscription = rt.subscribe('not a topic');

    const errors: unknown[] = [];
    subscription.on('error', (error) => errors.push(error));
    await eventually(() => errors.length > 0);
    scene.clock.advance(BOUNDS.SUBSCRIBE_RETRY_MS);

    expect(errors).toMatchObject([{ code: 'bad-topic' }]);
    expect(subscription.state).toBe('failed');
    expect(scene.framesOf('subscribe')).toHaveLength(1);
  });

  it('hears no more after unsubscribing, also after a reconnect', async () => {
    const rt = await online(scene.open(['news']));
    const { subscription, seqs } = await follow(rt, 'news');

    subscription.unsubscribe();
    await eventually(() => expect(scene.framesOf('unsubscribe')).toHaveLength(1));
    scene.backend.cut();
    await scene.reconnect(rt);
    scene.backend.publish('news', 1);
    await rt.publish('other', 1);

    expect(seqs).toEqual([]);
    expect(scene.backend.opened.at(-1)).toBe('/live?topics=');
  });

  it('gives up a topic that the URL of a connection under way still names', async () => {
    const rt = scene.open(['news']);
    rt.subscribe('news').unsubscribe();

    await online(rt);
    await eventually(() => expect(scene.framesOf('unsubscribe')).toHaveLength(1));

    expect(scene.backend.opened).toEqual(['/live?topics=news&batch=true']);
  });

  it('follows no counter as a topic', async () => {
    const rt = scene.open();

    expect(() => rt.subscribe('counter:votes')).toThrow("counter('votes')");
  });
});
