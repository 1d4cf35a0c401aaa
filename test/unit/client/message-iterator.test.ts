import * as BOUNDS from '../../../client/src/bounds.ts';
import type { Message, Subscription } from '../../../client/src/index.ts';
import { ClientScene, follow, online } from '../../helpers/client-scene.ts';
import { eventually } from '../../helpers/eventually.ts';

describe('a loop over the messages of a subscription', () => {
  let scene: ClientScene;

  beforeEach(async () => {
    scene = await new ClientScene().start();
  });

  afterEach(() => scene.stop());

  /** The seqs of a loop that goes on to its end. */
  async function loop(messages: AsyncIterable<Message>): Promise<number[]> {
    const seqs: number[] = [];
    for await (const { seq } of messages) seqs.push(seq);
    return seqs;
  }

  const followed = async (): Promise<{ subscription: Subscription; seqs: number[] }> =>
    follow(await online(scene.open()), 'news');

  it('has them all, from the history on, until the subscription ends', async () => {
    for (const data of ['a', 'b', 'c']) scene.backend.publish('news', data);
    const subscription = scene.open().subscribe('news', { history: 3 });
    const looped = loop(subscription);
    await eventually(() => expect(subscription.position?.seq).toBe(3));
    scene.backend.publish('news', 'd');
    await eventually(() => expect(subscription.position?.seq).toBe(4));

    subscription.unsubscribe();

    await expect(looped).resolves.toEqual([1, 2, 3, 4]);
    await expect(loop(subscription)).resolves.toEqual([]);
  });

  it('ends with the connection', async () => {
    const rt = await online(scene.open());
    const { subscription } = await follow(rt, 'news');
    const looped = loop(subscription);

    rt.close();

    await expect(looped).resolves.toEqual([]);
  });

  it('may be left, and the subscription goes on', async () => {
    const { subscription, seqs } = await followed();
    const left = (async () => {
      for await (const { seq } of subscription) return seq;
      return 0;
    })();

    scene.backend.publish('news', 1);
    const first = await left;
    scene.backend.publish('news', 2);
    await eventually(() => expect(seqs).toHaveLength(2));

    expect([first, subscription.state]).toEqual([1, 'live']);
  });

  it('that is too slow gets what waits for it, and then an error', async () => {
    const { subscription, seqs } = await followed();
    const iterator = subscription[Symbol.asyncIterator]();
    const tooMany = BOUNDS.ITERATOR_MESSAGES + 1;
    for (let count = 0; count < tooMany; count += 1) scene.backend.publish('news', count);
    await eventually(() => expect(seqs).toHaveLength(tooMany));

    for (let count = 0; count < BOUNDS.ITERATOR_MESSAGES; count += 1) await iterator.next();

    await expect(iterator.next()).rejects.toMatchObject({ code: 'queue-full' });
    await expect(iterator.next()).resolves.toMatchObject({ done: true });
  });

  it('throws when the subscription is refused', async () => {
    const rt = await online(scene.open());

    const looped = loop(rt.subscribe('not a topic'));

    await expect(looped).rejects.toMatchObject({ code: 'bad-topic' });
  });
});
