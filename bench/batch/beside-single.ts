import { setTimeout as sleep } from 'node:timers/promises';
import { ratioOf } from '../harness/rounds.ts';
import type { Received } from '../load/latencies.ts';
import { type Clients, inScene } from '../load/scene.ts';
import type { BenchContext, Measured } from '../model.ts';

const ROUNDS = 5;
const SUBSCRIBERS = 100;
const PER_SECOND = 10;
const MESSAGES = 20;
/** Time in ms between a publish to one topic and the next publish to the other: half the interval of one topic. */
const OFFSET_MS = 50;

interface Side {
  readonly subscribers: Clients;
  readonly publisher: Clients;
}

/**
 * Measures what asking for batches costs when there is nothing to batch. Two topics of one runtime are published to in
 * turn, so that other load on the machine affects both alike. Which of them is first alternates each round.
 */
export const besideSingle = ({ assembly, progress }: BenchContext): Promise<Measured> =>
  inScene(async ({ runtime, clients }) => {
    const { url } = await runtime({ assembly: await assembly() });
    const open = async (topic: string, batch: boolean): Promise<Side> => ({
      subscribers: await clients({ kind: 'wire', url, topics: [topic], batch }, SUBSCRIBERS),
      publisher: await clients({ kind: 'wire', url, topics: [topic], batch }, 1),
    });
    const [batch, single] = [await open('idle-batch', true), await open('idle-single', false)];
    // A first round warms everything up.
    await byTurns(batch, single);
    const [batchMs, singleMs]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      progress(`round ${round + 1} of ${ROUNDS}: idle, batch and single in turn`);
      const isBatchFirst = round % 2 === 0;
      const [first, second] = isBatchFirst ? await byTurns(batch, single) : await byTurns(single, batch);
      batchMs.push((isBatchFirst ? first : second).p50Ms);
      singleMs.push((isBatchFirst ? second : first).p50Ms);
    }
    const name = 'p50 at 10 msg/s each, 100 subscribers each';
    return {
      ratios: { latency_p50_idle_vs_single: ratioOf(batchMs, singleMs) },
      figures: [
        { variant: 'batch', name, unit: 'ms', values: batchMs },
        { variant: 'single', name, unit: 'ms', values: singleMs },
      ],
    };
  });

async function byTurns(first: Side, second: Side): Promise<[Received, Received]> {
  const measure = async ({ subscribers, publisher }: Side, delayMs: number): Promise<Received> => {
    await sleep(delayMs);
    await publisher.call('pace', { perSecond: PER_SECOND, messages: MESSAGES });
    return subscribers.call('receive', { messages: MESSAGES * SUBSCRIBERS });
  };
  for (const { subscribers } of [first, second]) await subscribers.call('reset', undefined);
  return Promise.all([measure(first, 0), measure(second, OFFSET_MS)]);
}
