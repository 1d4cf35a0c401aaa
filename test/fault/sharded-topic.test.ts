import { connect, type Realtime } from '../../client/src/index.ts';
import { listShard } from '../../shared/store/subscribers.ts';
import { growTopic } from '../../shared/store/topic-shards.ts';
import { follow, online } from '../helpers/client-scene.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type Dialogue, openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';
import { killBusy } from '../helpers/kill-busy.ts';
import { REQUEST_TIMEOUT_MS } from '../helpers/patience.ts';

const CLIENTS = 16;

describe('a topic of several shards', () => {
  let bench: RuntimeBench;
  const clients: Realtime[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await bench.stop();
  });

  const grow = (topic: string, shards: number) =>
    growTopic(
      {
        client: bench.dynamodb,
        topicsTable: bench.output('TopicsTable'),
        subscriptionsTable: bench.output('SubscriptionsTable'),
        now: Date.now,
      },
      topic,
      shards,
    );
  const sizesOf = (topic: string, shards: number) => {
    const reader = { client: bench.dynamodb, table: bench.output('SubscriptionsTable') };
    const numbers = Array.from({ length: shards }, (_, shard) => shard);
    return Promise.all(numbers.map(async (shard) => (await Array.fromAsync(listShard(reader, topic, shard))).length));
  };
  const openFollower = async (topic: string) => {
    const rt = connect(bench.runtime.url, { requestTimeoutMs: REQUEST_TIMEOUT_MS, topics: [] });
    clients.push(rt);
    return follow(await online(rt), topic);
  };
  const many = <T>(make: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: CLIENTS }, make));
  const seqsOf = ({ heard }: Dialogue): number[] =>
    heard.flatMap(({ type, seq }) => (type === 'message' ? [Number(seq)] : []));
  const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

  /** Publishes while `goesOn` holds. Resolves to the number of messages. */
  async function publishOn(topic: string, goesOn: () => boolean): Promise<number> {
    const publisher = await openDialogue(`${bench.runtime.url}?topics=`);
    for (let count = 1; ; count++) {
      await publisher.ask({ action: 'publish', topic, data: count });
      if (!goesOn()) return count;
    }
  }

  test('grows while clients subscribe and messages are published: nobody misses one, and each comes once and in order', async () => {
    bench = await startBench();
    const topic = unusedName('growing');
    let isOver = false;
    const early = await many(() => openDialogue(`${bench.runtime.url}?topics=${topic}`));
    await Promise.all(early.map((client) => client.hear({ type: 'subscribed', topic })));

    const publishing = publishOn(topic, () => !isOver);
    await early[0]?.hear({ type: 'message', seq: 3 });
    // At the same time, so that some are written by what was known before.
    const [during] = await Promise.all([many(() => openFollower(topic)), grow(topic, 2), grow(topic, 4)]);
    const late = await many(() => openFollower(topic));
    await grow(topic, 8);
    isOver = true;
    const last = await publishing;
    const followers = [...during, ...late];
    await eventually(() => early.every((client) => seqsOf(client).includes(last)), 'the early have the last');
    await eventually(() => followers.every(({ seqs }) => seqs.at(-1) === last), 'the others have the last');

    // A plain client gets a message again whose post was not answered in time; the library drops it.
    for (const client of early) expect([...new Set(seqsOf(client))]).toEqual(upTo(last));
    for (const { seqs, gaps } of followers) {
      expect(seqs).toEqual(upTo(last, seqs[0]));
      expect(gaps).toEqual([]);
    }
    const sizes = await sizesOf(topic, 8);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(3 * CLIENTS);
    expect(sizes.slice(1).some((size) => size > 0)).toBe(true);
    expect(bench.runtime.environments().some(({ functionName }) => functionName.includes('ShardWorker'))).toBe(true);
  });

  test('its workers are killed in the middle: every message arrives everywhere, once and in order', async () => {
    bench = await startBench();
    const topic = unusedName('killed-workers');
    await grow(topic, 4);
    const followers = await many(() => openFollower(topic));
    const killed = new Set<number>();

    const publishing = publishOn(topic, () => killed.size < 5);
    await eventually(() => {
      killBusy(bench.runtime, 'ShardWorker', killed);
      return killed.size === 5;
    }, 'five workers are killed');
    const last = await publishing;
    await eventually(() => followers.every(({ seqs }) => seqs.at(-1) === last), 'all have the last');

    for (const { seqs } of followers) expect(seqs).toEqual(upTo(last));
    // By chance one of four may have none of sixteen.
    expect((await sizesOf(topic, 4)).filter((size) => size > 0).length).toBeGreaterThan(1);
  });
});
