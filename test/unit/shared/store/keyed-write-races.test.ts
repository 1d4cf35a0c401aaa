import { setTimeout as sleep } from 'node:timers/promises';
import { findHead } from '../../../../shared/store/topics.ts';
import { openTopics, STANDING_CLOCK, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

/** Time in ms between two writes without a key: too short for a writer that waits before it tries again. */
const PACE_MS = 2;

const countTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);
const sorted = (seqs: readonly number[]): number[] => seqs.toSorted((a, b) => a - b);

describe('writes with a key, many at once', () => {
  let engine: StoreEngine;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const headOf = (topic: string) => findHead(engine.client, TABLE_NAMES.topics, topic);

  it('all succeed against steady writes without a key, each once, and the seqs have no hole', async () => {
    const topic = 'counter:steady';
    const over = new AbortController();
    const unkeyed: number[] = [];
    const writer = openTopics(engine, STANDING_CLOCK);
    const write = async (): Promise<number[]> => {
      const seqs: number[] = [];
      for (const key of countTo(20)) {
        // What this writer believes in is stale each time.
        await sleep(2 * PACE_MS);
        seqs.push((await writer.increment({ topic, delta: 1 }, `k${key}`)).seq);
      }
      return seqs;
    };
    const traffic = (async () => {
      for (; !over.signal.aborted; await sleep(PACE_MS))
        unkeyed.push((await openTopics(engine).increment({ topic, delta: 100 })).seq);
    })();

    const keyed = await write().finally(() => over.abort());
    await traffic;

    expect(unkeyed.length).toBeGreaterThan(20);
    expect(sorted([...keyed, ...unkeyed])).toEqual(countTo(keyed.length + unkeyed.length));
    expect(await headOf(topic)).toMatchObject({ value: 20 + unkeyed.length * 100, seq: 20 + unkeyed.length });
  });

  it('all succeed for forty writers, each a Lambda of its own, and each key counts once', async () => {
    const topic = 'counter:forty';
    const writers = countTo(40).map((n) => ({ key: `k${n}`, topics: openTopics(engine, STANDING_CLOCK) }));

    const states = await Promise.all(writers.map(({ key, topics }) => topics.increment({ topic, delta: 1 }, key)));
    const again = await Promise.all(writers.map(({ key, topics }) => topics.increment({ topic, delta: 1 }, key)));

    expect(sorted(states.map(({ seq }) => seq))).toEqual(countTo(40));
    expect(states.every(({ seq, value }) => seq === value)).toBe(true);
    expect(again).toEqual(states);
    expect(await headOf(topic)).toMatchObject({ value: 40, seq: 40 });
  });
});

describe('a key that was used before', () => {
  let engine: StoreEngine;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const refusal = {
    name: 'ClientError',
    code: 'bad-frame',
    details: [{ path: 'key', reason: expect.any(String) }],
  };

  it.each([['other'], ['same']])('is refused for other data, by the %s writer, and nothing changes', async (which) => {
    const topic = `reused-${which}`;
    const first = openTopics(engine);
    const ack = await first.publish({ topic, messages: ['"one"'] }, 'k');

    const attempt = (which === 'same' ? first : openTopics(engine)).publish({ topic, messages: ['"two"'] }, 'k');

    await expect(attempt).rejects.toMatchObject(refusal);
    expect(await findHead(engine.client, TABLE_NAMES.topics, topic)).toMatchObject({ ...ack, message: '"one"' });
    expect(await first.publish({ topic, messages: ['"one"'] }, 'k')).toEqual(ack);
  });

  it.each([2, -1])('is refused for a change by %i instead of 1, and nothing changes', async (delta) => {
    const topic = `counter:reused${delta}`;
    const topics = openTopics(engine);
    const ack = await topics.increment({ topic, delta: 1 }, 'k');

    await expect(topics.increment({ topic, delta }, 'k')).rejects.toMatchObject(refusal);
    expect(await findHead(engine.client, TABLE_NAMES.topics, topic)).toMatchObject({ value: 1, seq: 1 });
    expect(await topics.increment({ topic, delta: 1 }, 'k')).toEqual(ack);
  });

  it('gives the same ack to a repeat from another connection that does not want its echo', async () => {
    const topics = openTopics(engine);
    const ack = await topics.publish({ topic: 'reconnected', messages: ['1'], exclude: 'OLD=' }, 'k');

    const repeats = [
      await topics.publish({ topic: 'reconnected', messages: ['1'], exclude: 'NEW=' }, 'k'),
      await openTopics(engine).publish({ topic: 'reconnected', messages: ['1'] }, 'k'),
    ];

    expect(repeats).toEqual([ack, ack]);
    expect(await findHead(engine.client, TABLE_NAMES.topics, 'reconnected')).toMatchObject({ seq: 1, exclude: 'OLD=' });
  });
});
