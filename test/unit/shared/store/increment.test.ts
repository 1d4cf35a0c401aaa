import { runBounded } from '../../../../shared/run-bounded.ts';
import { LIMITS } from '../../../../shared/protocol/limits.ts';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { findHead } from '../../../../shared/store/topics.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { openTopics, scan, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const OUT_OF_BOUNDS = { name: 'ClientError', code: 'out-of-bounds' };

describe('increment', () => {
  let engine: StoreEngine;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const headOf = (topic: string) => findHead(engine.client, TABLE_NAMES.topics, topic);

  it('counts 20 concurrent callers, each 30 plus and 10 minus, to the exact value', async () => {
    const callers = Array.from({ length: 20 }, () => openTopics(engine));
    const deltas = [...Array.from({ length: 30 }, () => 1), ...Array.from({ length: 10 }, () => -1)];

    // Each caller waits for its answers: 800 requests at once would wait for longer than a request may.
    const states = await Promise.all(
      callers.map((caller) => runBounded(deltas, 2, (delta) => caller.increment({ topic: 'counter:crowd', delta }))),
    );

    const bySeq = states.flat().toSorted((a, b) => a.seq - b.seq);
    expect(bySeq.map(({ seq }) => seq)).toEqual(Array.from({ length: 800 }, (_, i) => i + 1));
    expect(bySeq.at(-1)?.value).toBe(400);
    expect(await headOf('counter:crowd')).toMatchObject({ kind: 'counter', value: 400, seq: 800 });
  });

  it.each([
    ['max', { delta: 2, max: 6 }, { delta: 1, max: 6 }],
    ['min', { delta: -2, min: 4 }, { delta: -1, min: 4 }],
  ])('leaves value and seq unchanged when %s refuses, and reaches the bound itself', async (name, over, onto) => {
    const topic = `counter:bounded-${name}`;
    const topics = openTopics(engine);
    await topics.increment({ topic, delta: 5 });

    const refused = topics.increment({ topic, ...over });

    await expect(refused).rejects.toMatchObject(OUT_OF_BOUNDS);
    expect(await headOf(topic)).toMatchObject({ value: 5, seq: 1 });
    expect(await topics.increment({ topic, ...onto })).toMatchObject({ value: 5 + onto.delta, seq: 2 });
  });

  it('refuses a step back inside that would still end outside', async () => {
    const topics = openTopics(engine);
    await topics.increment({ topic: 'counter:far-out', delta: 100 });

    const refused = topics.increment({ topic: 'counter:far-out', delta: -1, max: 10 });

    await expect(refused).rejects.toMatchObject(OUT_OF_BOUNDS);
  });

  it.each([
    [{ delta: 1, max: 0 }, undefined],
    [{ delta: -1, min: 0 }, undefined],
    [{ delta: 1, min: 2 }, undefined],
    [{ delta: 1, max: 1 }, 1],
    [{ delta: -1, min: -1 }, -1],
    [{ delta: 3, min: 3, max: 3 }, 3],
  ])('counts a counter that does not exist from 0 when it judges %j', async (step, value) => {
    const topic = `counter:fresh-${JSON.stringify(step).replaceAll(/[^\w-]/g, '')}`;
    const topics = openTopics(engine);

    const outcome = await topics.increment({ topic, ...step }).catch((error: unknown) => error);

    expect(outcome).toMatchObject(value === undefined ? OUT_OF_BOUNDS : { value, seq: 1 });
    expect((await headOf(topic)) === undefined).toBe(value === undefined);
  });

  it.each([1, -1])('goes to the extreme value and not past it (sign %i)', async (sign) => {
    const topic = `counter:extreme-${sign > 0 ? 'plus' : 'minus'}`;
    const topics = openTopics(engine);
    await topics.increment({ topic, delta: sign * (LIMITS.COUNTER_VALUE - 1) });

    const reached = await topics.increment({ topic, delta: sign });
    const past = topics.increment({ topic, delta: sign });

    expect(reached.value).toBe(sign * LIMITS.COUNTER_VALUE);
    await expect(past).rejects.toMatchObject(OUT_OF_BOUNDS);
    expect((await topics.increment({ topic, delta: -sign * LIMITS.COUNTER_STEP })).value).toBe(
      sign * (LIMITS.COUNTER_VALUE - LIMITS.COUNTER_STEP),
    );
  });

  it('takes bounds at the extreme values', async () => {
    const topics = openTopics(engine);
    const bounds = { min: -LIMITS.COUNTER_VALUE, max: LIMITS.COUNTER_VALUE };

    const up = await topics.increment({ topic: 'counter:wide', delta: LIMITS.COUNTER_STEP, ...bounds });
    const down = await topics.increment({ topic: 'counter:wide', delta: -LIMITS.COUNTER_STEP, ...bounds });

    expect([up.value, down.value]).toEqual([LIMITS.COUNTER_STEP, 0]);
  });

  it('makes exactly one call, and writes no record of a key', async () => {
    const client = engine.newClient();
    const commands: string[] = [];
    intercept(client, ({ command, proceed }) => {
      commands.push(command);
      return proceed();
    });
    const topics = openTopics(engine, { client, unretriedClient: client });

    await topics.increment({ topic: 'counter:one-call', delta: 1, max: 5 });

    expect(commands).toEqual(['UpdateItemCommand']);
    expect(
      await scan(engine, TABLE_NAMES.keys, (item) => item['id']?.S?.startsWith('counter:one-call') === true),
    ).toEqual([]);
  });

  it('makes a counter last longer than a topic', async () => {
    const nowMs = Date.UTC(2026, 10, 20);
    await openTopics(engine, { now: () => nowMs }).increment({ topic: 'counter:lasting', delta: 1 });

    const [item] = await scan(engine, TABLE_NAMES.topics, ({ topic }) => topic?.S === 'counter:lasting');

    expect(Number(item?.['expiresAt']?.N)).toBe(nowMs / 1_000 + STORE_BOUNDS.COUNTER_IDLE_SECONDS);
  });
});
