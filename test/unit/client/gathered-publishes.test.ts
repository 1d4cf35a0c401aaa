import * as BOUNDS from '../../../client/src/bounds.ts';
import { ClientScene, follow, offline, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';
import { codesOf, seqsOf } from '../../helpers/publishing-scene.ts';

describe('a client that publishes faster than it is answered', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  const keysOf = (frames: readonly object[]): Set<unknown> => new Set(frames.map((frame) => Reflect.get(frame, 'key')));

  it('sends what it gathers in few frames, and everyone sees it in order', async () => {
    const rt = await online(scene.open());
    const other = await follow(await online(scene.open()), 'news');
    const { subscription, seqs } = await follow(rt, 'news');
    const seen: unknown[] = [];
    subscription.on('message', ({ data }) => seen.push(data));

    const published = Array.from({ length: 40 }, (_, index) => rt.publish('news', index));
    const answered = await seqsOf(published);
    await eventually(() => seqs.length === 40 && other.seqs.length === 40);

    expect(scene.framesOf('publish')).toHaveLength(2);
    expect(seen).toEqual(published.map((_, index) => index));
    expect([seqs, other.seqs]).toEqual([answered, answered]);
  });

  it('sends again by the next connection what it had gathered, under the same key, and it counts once', async () => {
    const rt = await online(scene.open());
    const { subscription } = await follow(rt, 'news');
    const seen: unknown[] = [];
    subscription.on('message', ({ data }) => seen.push(data));
    const published = ['a', 'b', 'c'].map((data) => rt.publish('news', data));
    await published[0];
    scene.backend.answer = false;
    published.push(rt.publish('news', 'd'));
    await eventually(() => expect(scene.framesOf('publish')).toHaveLength(2));
    const [, gathered] = scene.framesOf('publish');
    // The server did it; only its answer was lost.
    scene.backend.topics.once(Reflect.get(Object(gathered), 'key'), () =>
      ['b', 'c'].map((data) => scene.backend.publish('news', data)).reduce((_, last) => last),
    );
    scene.backend.answer = true;
    scene.backend.cut();

    await scene.reconnect(rt);

    await expect(seqsOf(published)).resolves.toEqual([1, 2, 3, 4]);
    await eventually(() => expect(seen).toHaveLength(4));
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
    const [first, ...others] = scene.framesOf('publish').slice(1);
    expect(others.filter((frame) => Reflect.get(frame, 'key') === Reflect.get(Object(first), 'key'))).toEqual([first]);
    expect(keysOf(scene.framesOf('publish')).size).toBe(3);
  });

  it('tries a frame again that the server could not take just now, before it goes on', async () => {
    const rt = await online(scene.open());
    scene.backend.unavailable = 1;
    const published = ['a', 'b', 'c'].map((data) => rt.publish('news', data));

    await eventually(() => {
      scene.clock.advance(1);
      return scene.framesOf('publish').length === 3;
    });

    await expect(seqsOf(published)).resolves.toEqual([1, 2, 3]);
    expect(keysOf(scene.framesOf('publish')).size).toBe(2);
  });

  it('gathers neither what has a key nor what it does not want to hear itself', async () => {
    const rt = await online(scene.open());
    const published = [
      rt.publish('news', 'first'),
      rt.publish('news', 'gathered'),
      rt.publish('news', 'keyed', { key: 'mine' }),
      rt.publish('news', 'silent', { echo: false }),
      rt.publish('news', 'gathered, too', { echo: true }),
    ];

    await expect(seqsOf(published)).resolves.toEqual([1, 4, 2, 3, 5]);

    expect(scene.framesOf('publish')).toMatchObject([
      { data: 'first' },
      { data: 'keyed', key: 'mine' },
      { data: 'silent', echo: false },
      { messages: ['gathered', 'gathered, too'] },
    ]);
  });

  it('gathers nothing behind what has a key', async () => {
    const rt = await online(scene.open());

    const published = [rt.publish('news', 'keyed', { key: 'mine' }), rt.publish('news', 'plain')];
    await seqsOf(published);

    expect(scene.framesOf('publish')).toMatchObject([{ data: 'keyed' }, { data: 'plain' }]);
  });

  it('lets what is gathered take the places of requests', async () => {
    const rt = await online(scene.open([], { queueLimit: 3 }));
    const votes = rt.counter('votes');
    await eventually(() => expect(votes.state).toBe('live'));
    const published = ['a', 'b', 'c', 'd'].map((data) => rt.publish('news', data));

    const others = await codesOf([votes.increment(), ...published]);
    const later = codesOf([votes.increment(), rt.publish('news', 'e')]);

    expect(others).toEqual(['queue-full', 'published', 'published', 'published', 'queue-full']);
    await expect(later).resolves.toEqual(['published', 'published']);
  });

  it('rejects what is gathered when it is closed, and all that comes after', async () => {
    const rt = await online(scene.open([], { queueLimit: 60 }));
    const published = Array.from({ length: 60 }, (_, index) => rt.publish('news', index));

    rt.close();
    published.push(rt.publish('news', 'after'));

    expect(new Set(await codesOf(published))).toEqual(new Set(['closed']));
    expect(scene.clock.pending).toBe(0);
  });

  it('lets what is gathered wait for at most twice the time of a request', async () => {
    const rt = await online(scene.open());
    scene.backend.cut();
    await offline(rt);
    await scene.backend.stop();
    const published = [rt.publish('news', 'first')];
    scene.clock.advance(1);
    published.push(...Array.from({ length: 120 }, (_, index) => rt.publish('news', index)));
    const codes = codesOf(published);

    scene.clock.advance(BOUNDS.REQUEST_TIMEOUT_MS - 1);
    await expect(published[0]).rejects.toMatchObject({ code: 'offline' });
    scene.clock.advance(BOUNDS.REQUEST_TIMEOUT_MS);

    expect(new Set(await codes)).toEqual(new Set(['offline']));
    await scene.start();
  });
});
