import { connect, type Realtime } from '../../client/src/index.ts';
import { collect } from '../helpers/collect.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';
import { REQUEST_TIMEOUT_MS } from '../helpers/patience.ts';

const TOPICS = Array.from({ length: 12 }, () => unusedName('again'));

describe('components that come and go on a running backend', () => {
  let bench: RuntimeBench;
  const clients: Realtime[] = [];

  beforeAll(async () => {
    bench = await startBench();
  });

  afterAll(async () => {
    for (const rt of clients) rt.close();
    await bench.stop();
  });

  const open = (): Realtime => {
    const rt = connect(bench.runtime.url, { requestTimeoutMs: REQUEST_TIMEOUT_MS, topics: [] });
    clients.push(rt);
    return rt;
  };

  it('hear everything of a topic that was left and subscribed to again at once', async () => {
    const [rt, publisher] = [open(), open()];
    await eventually(() => expect(rt.status).toBe('online'), 'online');
    const followed = TOPICS.map((topic) => {
      const first = rt.subscribe(topic);
      first.unsubscribe();
      return { topic, first: collect(rt.subscribe(topic)) };
    });
    await eventually(() => followed.every(({ first }) => first.subscription.state === 'live'), 'live');
    const again = followed.map(({ topic, first }) => {
      first.subscription.unsubscribe();
      return collect(rt.subscribe(topic));
    });
    await eventually(() => again.every(({ subscription }) => subscription.state === 'live'), 'live again');

    await Promise.all(TOPICS.map((topic) => publisher.publish(topic, 'hello')));
    await eventually(() => again.every(({ seqs }) => seqs.length === 1), 'all has come');

    expect(again.map(({ data, gaps }) => [data, gaps])).toEqual(TOPICS.map(() => [['hello'], []]));
  });

  it('page back through the history of a topic, while it goes on', async () => {
    const topic = unusedName('paged');
    const [rt, publisher] = [open(), open()];
    for (const data of ['a', 'b', 'c', 'd', 'e', 'f']) await publisher.publish(topic, data);
    const { subscription, data } = collect(rt.subscribe(topic, { history: 1 }));
    await eventually(() => data.length === 1 && subscription.position !== undefined, 'the newest has come');
    const start = subscription.position ?? { epoch: null, seq: 0 };

    const [first, other] = await Promise.all([1, 5].map((limit) => subscription.history({ before: start, limit })));
    const last = await subscription.history({ before: first?.before ?? start, limit: 10 });
    await publisher.publish(topic, 'g');
    await eventually(() => data.length === 2, 'the next one has come');

    const pages = [first, other, last].map((page) => page?.messages.map((message) => message.data).join(''));
    expect(pages).toEqual(['e', 'abcde', 'abcd']);
    expect([first, other, last].map((page) => [page?.more, page?.complete])).toEqual([
      [true, true],
      [false, true],
      [false, true],
    ]);
    expect(data).toEqual(['f', 'g']);
  });

  it('share one subscription, each with its own history and presence', async () => {
    const topic = unusedName('shared');
    const [rt, publisher] = [open(), open()];
    for (const data of ['a', 'b', 'c']) await publisher.publish(topic, data);
    const first = collect(rt.subscribe(topic));
    await eventually(() => expect(first.subscription.state).toBe('live'), 'live');

    const late = rt.subscribe(topic, { history: 2, presence: true });
    const { data } = collect(late);
    await eventually(() => data.length === 2 && late.presence !== undefined, 'history and presence have come');
    await publisher.publish(topic, 'd');
    await eventually(() => data.length === 3 && first.data.length === 1, 'the next one has come');
    late.unsubscribe();
    await publisher.publish(topic, 'e');
    await eventually(() => expect(first.data).toHaveLength(2), 'the last one has come');

    expect([first.data, data]).toEqual([
      ['d', 'e'],
      ['b', 'c', 'd'],
    ]);
  });
});
