import { unusedName } from '../helpers/contract-target.ts';
import { openDialogue } from '../helpers/dialogue.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';
import { killBusy } from '../helpers/kill-busy.ts';

describe('processes that are killed', () => {
  let bench: RuntimeBench;
  afterEach(() => bench.stop());

  /** Kills a number of busy processes of one function, fewer if `isDone` holds before. Returns how many were killed. */
  async function killSome(functionPart: string, kills: number, isDone: () => boolean): Promise<number> {
    const killed = new Set<number>();
    await eventually(() => {
      killBusy(bench.runtime, functionPart, killed);
      return killed.size >= kills || isDone();
    }, `${kills} kills`);
    return killed.size;
  }

  test('the broadcast process is killed in the middle of batches: every message arrives, in order', async () => {
    bench = await startBench();
    const topic = unusedName('killed');
    const subscriber = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    const publisher = await openDialogue(`${bench.runtime.url}?topics=`);
    await subscriber.hear({ type: 'subscribed', topic });
    const isLast = (): boolean => subscriber.heard.some(({ seq }) => seq === 100);

    for (let i = 1; i <= 100; i++) publisher.say({ action: 'publish', topic, data: i });
    const killed = await killSome('Broadcast', 5, isLast);
    await subscriber.hear({ type: 'message', seq: 100 });

    const seqs = subscriber.heard.filter(({ type }) => type === 'message').map(({ seq }) => Number(seq));
    const firstTimes = seqs.filter((seq, index) => seqs.indexOf(seq) === index);
    expect(killed).toBeGreaterThan(0);
    expect(firstTimes).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  test('the catch-up process is killed: who subscribed is still told where the topic stands', async () => {
    bench = await startBench();
    const topics = Array.from({ length: 20 }, (_, i) => unusedName(`c${i}`));
    const client = await openDialogue(`${bench.runtime.url}?topics=`);

    for (const topic of topics) client.say({ action: 'subscribe', topic });
    const told = (): number =>
      new Set(client.heard.flatMap(({ type, topic }) => (type === 'subscribed' ? [topic] : []))).size;
    await killSome('CatchUp', 3, () => told() === topics.length);
    await eventually(() => expect(told()).toBe(topics.length), 'all topics are told');

    expect(told()).toBe(topics.length);
  });

  test('a route process is killed: the client is told, and the same key counts once', async () => {
    bench = await startBench();
    const counter = unusedName('keyed');
    const client = await openDialogue(`${bench.runtime.url}?topics=counter:${counter}`);
    await client.hear({ type: 'subscribed' });
    await client.ask({ action: 'plus', counter });

    for (let i = 0; i < 20; i++) client.say({ action: 'plus', counter, key: `k${i}`, id: `first-${i}` });
    await killSome('Plus', 2, () => client.heard.filter(({ type }) => type === 'ack').length === 21);
    for (let i = 0; i < 20; i++) client.say({ action: 'plus', counter, key: `k${i}`, id: `again-${i}` });
    await eventually(
      () =>
        Array.from({ length: 20 }, (_, i) => `again-${i}`).every((id) =>
          client.heard.some((frame) => frame['id'] === id),
        ),
      'all answers',
    );
    const last = await client.ask({ action: 'plus', counter });

    expect(last).toMatchObject({ value: 22, seq: 22 });
  });

  test('the engine is killed and comes back on its data: numbering goes on, and everything arrives', async () => {
    bench = await startBench();
    const topic = unusedName('engine');
    const client = await openDialogue(`${bench.runtime.url}?topics=${topic}`);
    await client.hear({ type: 'subscribed', topic });
    const before = await client.ask({ action: 'publish', topic, data: 'before' });
    await client.hear({ type: 'message', seq: 1 });

    process.kill(bench.runtime.engine.processId() ?? 0, 'SIGKILL');
    await eventually(() => expect(bench.log()).toContain('started again on its data'), 'the engine is back');
    const after = await client.ask({ action: 'publish', topic, data: 'after' });
    const message = await client.hear({ type: 'message', seq: 2 });

    expect(after).toMatchObject({ type: 'ack', seq: 2, epoch: before['epoch'] });
    expect(message['data']).toBe('after');
  });
});
