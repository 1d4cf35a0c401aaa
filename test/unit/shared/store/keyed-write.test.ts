import { DeleteItemCommand, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { LIMITS } from '../../../../shared/protocol/limits.ts';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { findHead, type TopicStoreDeps } from '../../../../shared/store/topics.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { openTopics, STANDING_CLOCK, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const OUT_OF_BOUNDS = { name: 'ClientError', code: 'out-of-bounds' };

describe('a write with a key', () => {
  let engine: StoreEngine;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const headOf = (topic: string) => findHead(engine.client, TABLE_NAMES.topics, topic);

  /** Returns a separate writer, and the number of transactions that it tried. */
  function countedWriter(
    hook: () => Promise<unknown> = async () => undefined,
    overrides: Partial<TopicStoreDeps> = {},
  ) {
    const client = engine.newClient();
    const count = { transactions: 0 };
    intercept(client, async ({ command, proceed }) => {
      if (command !== 'TransactWriteItemsCommand') return proceed();
      count.transactions += 1;
      await hook();
      return proceed();
    });
    return { topics: openTopics(engine, { client, ...overrides }), count };
  }

  it('counts once for ten concurrent callers, and answers all of them the same', async () => {
    const callers = Array.from({ length: 10 }, () => openTopics(engine, STANDING_CLOCK));

    const states = await Promise.all(
      callers.map((caller) => caller.increment({ topic: 'counter:same-key', delta: 5 }, 'request-1')),
    );

    expect(new Set(states.map((state) => JSON.stringify(state))).size).toBe(1);
    expect(states[0]).toMatchObject({ value: 5, seq: 1 });
    expect(await headOf('counter:same-key')).toMatchObject({ value: 5, seq: 1 });
  });

  it('answers the very same position after others wrote, to the same writer and to another', async () => {
    const topics = openTopics(engine);
    await topics.publish({ topic: 'repeated', messages: ['0'] });
    const first = await topics.publish({ topic: 'repeated', messages: ['1'] }, 'mine');
    await topics.publish({ topic: 'repeated', messages: ['2'] });
    await topics.publish({ topic: 'repeated', messages: ['3'] }, 'other');

    const again = await topics.publish({ topic: 'repeated', messages: ['1'] }, 'mine');
    const elsewhere = await openTopics(engine).publish({ topic: 'repeated', messages: ['1'] }, 'mine');

    expect([first.seq, again, elsewhere]).toEqual([2, first, first]);
    expect(await headOf('repeated')).toMatchObject({ seq: 4, message: '3' });
  });

  it('counts messages that are published at once as one request', async () => {
    const topics = openTopics(engine);
    await topics.publish({ topic: 'several-once', messages: ['0'] });
    const first = await topics.publish({ topic: 'several-once', messages: ['1', '2', '3'] }, 'mine');
    const again = await topics.publish({ topic: 'several-once', messages: ['1', '2', '3'] }, 'mine');

    expect([first.seq, again]).toEqual([4, first]);
    expect(await headOf('several-once')).toMatchObject({ seq: 4, message: '3' });
    await expect(topics.publish({ topic: 'several-once', messages: ['1', '2'] }, 'mine')).rejects.toMatchObject({
      code: 'bad-frame',
    });
    expect(await topics.publish({ topic: 'several-once', messages: ['4', '5'] }, 'next')).toMatchObject({ seq: 6 });
  });

  it('lets all other keys of a hot topic through', async () => {
    const writers = Array.from({ length: 8 }, () => openTopics(engine, STANDING_CLOCK));

    const positions = await Promise.all(
      writers.map(async (writer, w) => {
        const seqs: number[] = [];
        for (let i = 0; i < 10; i += 1)
          seqs.push((await writer.publish({ topic: 'hot', messages: ['1'] }, `${w}-${i}`)).seq);
        return seqs;
      }),
    );

    expect(positions.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1));
  });

  it('keeps the same key of two topics apart', async () => {
    const topics = openTopics(engine);

    const states = await Promise.all(
      ['counter:left', 'counter:right'].map((topic) => topics.increment({ topic, delta: 1 }, 'shared')),
    );

    expect(states.map(({ value }) => value)).toEqual([1, 1]);
  });

  it('answers a repeat with its first ack when the bound was reached since, and refuses a new key', async () => {
    const topics = openTopics(engine);
    const step = { topic: 'counter:bounded', delta: 1, max: 1 };
    const first = await topics.increment(step, 'first');

    const repeat = await topics.increment(step, 'first');
    const fresh = topics.increment(step, 'second');

    expect(repeat).toEqual(first);
    await expect(fresh).rejects.toMatchObject(OUT_OF_BOUNDS);
    expect(await headOf('counter:bounded')).toMatchObject({ value: 1, seq: 1 });
  });

  it('remembers no key of a refused write', async () => {
    const topics = openTopics(engine);
    const step = { topic: 'counter:refused', delta: 1, max: 1 };
    await topics.increment({ topic: step.topic, delta: 1 });
    await expect(topics.increment(step, 'again')).rejects.toMatchObject(OUT_OF_BOUNDS);
    await topics.increment({ topic: step.topic, delta: -1 });

    const accepted = await topics.increment(step, 'again');

    expect(accepted).toMatchObject({ value: 1, seq: 3 });
  });

  it('refuses the first step of a counter that would leave its bounds', async () => {
    const attempt = openTopics(engine).increment({ topic: 'counter:unborn', delta: 2, max: 1 }, 'k');

    await expect(attempt).rejects.toMatchObject(OUT_OF_BOUNDS);
    expect(await headOf('counter:unborn')).toBeUndefined();
  });

  it.each([
    ['counts once just before a key expires', LIMITS.KEY_SECONDS - 1, 1],
    ['counts again when the key has expired, though its record is still there', LIMITS.KEY_SECONDS, 2],
  ])('%s', async (_, laterSeconds, value) => {
    const topic = `counter:expiring-${laterSeconds}`;
    let nowMs = Date.UTC(2026, 10, 20);
    const topics = openTopics(engine, { now: () => nowMs });
    await topics.increment({ topic, delta: 1 }, 'k');
    nowMs += laterSeconds * 1_000;

    const later = await topics.increment({ topic, delta: 1 }, 'k');

    expect(later.value).toBe(value);
  });

  it('costs a writer without contest one transaction, once it knows the topic', async () => {
    const { topics, count } = countedWriter();
    await topics.publish({ topic: 'quiet', messages: ['1'] }, 'a');
    await topics.publish({ topic: 'quiet', messages: ['2'] }, 'b');
    const after = count.transactions;

    await topics.publish({ topic: 'quiet', messages: ['3'] }, 'c');

    expect([after, count.transactions]).toEqual([2, 3]);
  });

  it('pays for a wrong belief with one try, and is right then', async () => {
    const { topics, count } = countedWriter();
    await topics.increment({ topic: 'counter:believed', delta: 1 }, 'a');
    await openTopics(engine).increment({ topic: 'counter:believed', delta: 10 });
    count.transactions = 0;

    const state = await topics.increment({ topic: 'counter:believed', delta: 100 }, 'b');

    expect(state).toMatchObject({ value: 111, seq: 3 });
    expect(count.transactions).toBe(2);
  });

  it('finds that the topic began a new life', async () => {
    const topics = openTopics(engine);
    const before = await topics.publish({ topic: 'deleted', messages: ['1'] }, 'a');
    await engine.client.send(
      new DeleteItemCommand({ TableName: TABLE_NAMES.topics, Key: { topic: { S: 'deleted' } } }),
    );

    const after = await topics.publish({ topic: 'deleted', messages: ['2'] }, 'b');

    expect(after.seq).toBe(1);
    expect(after.epoch).not.toBe(before.epoch);
    expect(await headOf('deleted')).toMatchObject(after);
  });

  it('is unavailable when it lost races for too long, and has changed nothing then', async () => {
    const rival = openTopics(engine);
    let nowMs = Date.UTC(2026, 10, 20);
    const { topics, count } = countedWriter(
      async () => {
        nowMs += STORE_BOUNDS.KEYED_WRITE_MS / 10;
        await rival.publish({ topic: 'contended', messages: ['0'] });
      },
      { now: () => nowMs },
    );

    const attempt = topics.publish({ topic: 'contended', messages: ['1'] }, 'k');

    await expect(attempt).rejects.toMatchObject({ name: 'ClientError', code: 'unavailable' });
    expect(count.transactions).toBe(10);
    expect(await headOf('contended')).toMatchObject({ seq: 10, message: '0' });
  });

  it.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'tries again after %s',
    async (Code) => {
      let refusals = 2;
      const { topics } = countedWriter(async () => {
        if (refusals === 0) return;
        refusals -= 1;
        throw cancelled([{ Code: 'None' }, { Code }]);
      });

      const position = await topics.publish({ topic: `cancelled-${Code}`, messages: ['1'] }, 'k');

      expect([position.seq, refusals]).toEqual([1, 0]);
    },
  );

  it('does not try again what is a fault of ours', async () => {
    const fault = cancelled([{ Code: 'None' }, { Code: 'ValidationError' }]);
    const { topics, count } = countedWriter(() => Promise.reject(fault));

    const attempt = topics.publish({ topic: 'faulty', messages: ['1'] }, 'k');

    await expect(attempt).rejects.toBe(fault);
    expect(count.transactions).toBe(1);
  });

  it('forgets the topics it wrote to longest ago past its bound, and is still right', async () => {
    const { topics, count } = countedWriter();
    for (let i = 0; i <= STORE_BOUNDS.REMEMBERED_HEADS; i += 1)
      await topics.publish({ topic: `many-${i}`, messages: ['1'] }, 'a');
    count.transactions = 0;

    const remembered = await topics.publish({ topic: 'many-1', messages: ['2'] }, 'b');
    const triesRemembered = count.transactions;
    const forgotten = await topics.publish({ topic: 'many-0', messages: ['2'] }, 'b');

    expect([remembered.seq, forgotten.seq]).toEqual([2, 2]);
    expect([triesRemembered, count.transactions]).toEqual([1, 3]);
  });
});

const cancelled = (CancellationReasons: { Code: string }[]): TransactionCanceledException =>
  new TransactionCanceledException({ message: 'cancelled', $metadata: {}, CancellationReasons });
