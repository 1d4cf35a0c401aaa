import * as BOUNDS from '../../../client/src/bounds.ts';
import type { Gap, Message, Realtime, Recovered, Subscribed } from '../../../client/src/index.ts';
import { ClientScene, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

const nameOf = ({ topic, seq }: Message): string => `${topic} ${seq}`;

describe('a client, following a wildcard', () => {
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

  it('gets the messages of all topics under it, each with its topic', async () => {
    const { subscription, seen, answers } = await follow(await online(scene.open()));
    const next = subscription[Symbol.asyncIterator]().next();

    scene.backend.publish('news/a', 1);
    scene.backend.publish('news/b/c', 2);
    scene.backend.publish('other', 3);
    scene.backend.publish('news/a', 4);
    await eventually(() => expect(seen).toHaveLength(3));

    expect(seen).toEqual(['news/a 1', 'news/b/c 1', 'news/a 2']);
    expect(answers).toEqual([{ topic: 'news/*', epoch: null, seq: 0, recovered: true }]);
    expect((await next).value).toMatchObject({ topic: 'news/a', data: 1 });
  });

  it('needs no frame for a wildcard that the URL has subscribed to, and names positions by a frame later', async () => {
    const rt = scene.open(['news/*']);
    const { seen } = await follow(rt);
    scene.backend.publish('news/a', 1);
    await eventually(() => expect(seen).toHaveLength(1));
    const before = scene.framesOf('subscribe');
    scene.backend.cut();

    await scene.reconnect(rt);
    await eventually(() => expect(scene.framesOf('subscribe')).toHaveLength(1));

    expect(before).toEqual([]);
    expect(scene.backend.opened.at(-1)).toMatch(/topics=$/);
    expect(scene.framesOf('subscribe')).toMatchObject([{ positions: { 'news/a': { seq: 1 } } }]);
  });

  it('gets after a reconnect what it missed in the topics that it had seen, once and in order', async () => {
    const rt = await online(scene.open());
    const { seen, gaps, recoveries, answers } = await follow(rt);
    for (const topic of ['news/a', 'news/b', 'news/c']) scene.backend.publish(topic, 1);
    await eventually(() => expect(seen).toHaveLength(3));
    scene.backend.cut();
    for (let count = 2; count <= 7; count += 1) scene.backend.publish('news/a', count);
    scene.backend.publish('news/b', 2);
    scene.backend.publish('news/unseen', 1);

    await scene.reconnect(rt);
    await eventually(() => expect(answers).toHaveLength(2));
    scene.backend.publish('news/unseen', 2);
    await eventually(() => expect(seen.at(-1)).toBe('news/unseen 2'));

    expect(seen.filter((name) => name.startsWith('news/a'))).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((seq) => `news/a ${seq}`),
    );
    expect(seen.filter((name) => name.startsWith('news/b'))).toEqual(['news/b 1', 'news/b 2']);
    expect(gaps).toEqual([]);
    expect(recoveries).toMatchObject([
      { topic: 'news/a', recovered: true, last: { seq: 1 }, now: { seq: 7 }, lost: 0 },
      { topic: 'news/b', recovered: true, last: { seq: 1 }, now: { seq: 2 }, lost: 0 },
    ]);
    expect(answers.at(-1)).toMatchObject({ topic: 'news/*', recovered: true });
  });

  it('reports a gap for a topic whose missed messages cannot be had, and goes on', async () => {
    const rt = await online(scene.open());
    const { seen, gaps, recoveries, answers } = await follow(rt);
    for (const topic of ['news/a', 'news/b']) scene.backend.publish(topic, 1);
    await eventually(() => expect(seen).toHaveLength(2));
    scene.backend.cut();
    for (const data of [2, 3]) scene.backend.publish('news/a', data);
    scene.backend.topics.expire('news/a');

    await scene.reconnect(rt);
    await eventually(() => expect(answers).toHaveLength(2));
    scene.backend.publish('news/a', 4);
    await eventually(() => expect(seen).toHaveLength(3));

    expect(gaps).toMatchObject([{ topic: 'news/a', last: { seq: 1 }, now: { seq: 3 } }]);
    expect(recoveries).toMatchObject([{ topic: 'news/a', recovered: false, lost: 2 }]);
    expect(answers.at(-1)).toMatchObject({ recovered: false });
    expect(seen.at(-1)).toBe('news/a 4');
  });

  it('asks for what is missing of one topic when a later message shows it, and stays live meanwhile', async () => {
    const { subscription, seen, gaps } = await follow(await online(scene.open()));
    scene.backend.publish('news/a', 1);
    await eventually(() => expect(seen).toHaveLength(1));
    scene.backend.deliver = false;
    scene.backend.publish('news/a', 2);
    scene.backend.deliver = true;
    const states: string[] = [];
    subscription.on('state', (state) => states.push(state));

    scene.backend.publish('news/a', 3);
    await eventually(() => expect(seen).toHaveLength(3));

    expect(seen).toEqual(['news/a 1', 'news/a 2', 'news/a 3']);
    expect([gaps, states]).toEqual([[], []]);
    expect(scene.framesOf('subscribe').at(-1)).toMatchObject({ positions: { 'news/a': { seq: 1 } } });
  });

  it('names the topics seen last, at most a hundred, and finds out about the others by their next message', async () => {
    const rt = await online(scene.open());
    const { seen, answers, gaps } = await follow(rt);
    const topics = Array.from({ length: BOUNDS.WILDCARD_POSITIONS + 1 }, (_, index) => `news/${index}`);
    for (const topic of topics) scene.backend.publish(topic, 1);
    await eventually(() => expect(seen).toHaveLength(topics.length));
    scene.backend.cut();
    scene.backend.publish('news/0', 2);

    await scene.reconnect(rt);
    await eventually(() => expect(answers).toHaveLength(2));
    const frame = scene.framesOf('subscribe').at(-1);
    const named = frame?.action === 'subscribe' ? Object.keys(frame.positions ?? {}) : [];
    scene.backend.publish('news/0', 3);
    await eventually(() => expect(seen.slice(topics.length)).toEqual(['news/0 2', 'news/0 3']));

    expect(named.toSorted()).toEqual(topics.slice(1).toSorted());
    expect(answers.at(-1)).toMatchObject({ recovered: false });
    expect(gaps).toEqual([]);
  });

  it('forgets the topic seen longest ago past its bound', async () => {
    const { seen } = await follow(await online(scene.open()));
    for (let index = 0; index <= BOUNDS.WILDCARD_TOPICS; index += 1) scene.backend.publish(`news/${index}`, 1);
    await eventually(() => expect(seen).toHaveLength(BOUNDS.WILDCARD_TOPICS + 1));
    scene.backend.deliver = false;
    for (const topic of ['news/0', 'news/2']) scene.backend.publish(topic, 2);
    scene.backend.deliver = true;

    // The one that comes back takes the place of the next, news/1.
    for (const topic of ['news/0', 'news/2']) scene.backend.publish(topic, 3);
    await eventually(() => expect(seen.at(-1)).toBe('news/2 3'));

    expect(seen.slice(BOUNDS.WILDCARD_TOPICS + 1)).toEqual(['news/0 3', 'news/2 2', 'news/2 3']);
  });

  it('reports a gap when the numbering of a topic has begun again, and follows the new one', async () => {
    const rt = await online(scene.open());
    const { seen, gaps } = await follow(rt);
    for (const data of [1, 2]) scene.backend.publish('news/a', data);
    await eventually(() => expect(seen).toHaveLength(2));
    scene.backend.topics.restart('news/a');

    scene.backend.publish('news/a', 'anew');
    await eventually(() => expect(seen).toHaveLength(3));
    scene.backend.publish('news/a', 'more');
    await eventually(() => expect(seen).toHaveLength(4));

    expect(seen).toEqual(['news/a 1', 'news/a 2', 'news/a 1', 'news/a 2']);
    expect(gaps).toMatchObject([{ topic: 'news/a', last: { epoch: 'epoch-1', seq: 2 }, now: { epoch: 'epoch-2' } }]);
  });
});
