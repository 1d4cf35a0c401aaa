import { setTimeout as sleep } from 'node:timers/promises';
import { BENCH_BOUNDS } from '../bounds.ts';
import { inRounds } from '../harness/rounds.ts';
import { monotonicMs } from '../harness/clock.ts';
import { type Clients, inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import { runtimeInfo } from '../processes/start-runtime.ts';
import type { Worker } from '../processes/start-worker.ts';
import type { IncrementCommands } from './increment-worker.ts';

const ROUNDS = 3;
const SUBSCRIBERS = { few: 100, many: 1_000 } as const;
const PER_SECOND = 1_000;
const WARM_MS = 1_000;
const MEASURED_MS = 2_000;
const LOOK_MS = 50;

type Variant = keyof typeof SUBSCRIBERS;

const topicOf = (variant: Variant): string => `counter:${variant}`;

interface Figures {
  readonly postsPerSubscriber: number;
  readonly incrementsPerSecond: number;
  readonly settledMs: number;
}

/** The bench of one counter with many increments. */
export const COUNTERS: Bench = {
  name: 'counters',
  summary:
    '1,000 increments a second of one counter: posts a second to each subscriber; all must end on the right value',
  run: async ({ assembly, progress }) => {
    const rounds = await inScene(async (scene) => {
      const stage = await fill(scene, await assembly());
      return inRounds<Variant, Figures>({
        variants: ['few', 'many'],
        rounds: ROUNDS,
        measure: (variant) => measure(stage, variant),
        progress,
      });
    });
    const posts = ({ postsPerSubscriber }: Figures): number => postsPerSubscriber;
    const figures = [
      ...rounds.figures('posts to each subscriber', '1/s', posts),
      ...rounds.figures('increments', '1/s', ({ incrementsPerSecond }) => incrementsPerSecond),
      ...rounds.figures('last increment to the right value everywhere', 'ms', ({ settledMs }) => settledMs),
    ];
    return {
      ratios: { posts_per_subscriber_per_s: rounds.values('few', posts) },
      figures: figures.map((figure) => ({ ...figure, variant: figure.variant === 'few' ? '100' : '1,000' })),
      notes: [
        'The ratio is that of 100 subscribers: with fewer, a broadcast is sooner done and the next one sooner due.',
      ],
    };
  },
};

interface Stage {
  readonly incrementer: Worker<IncrementCommands>;
  readonly subscribers: Readonly<Record<Variant, Clients>>;
}

/** Starts one runtime, and for each variant a counter with its subscribers. */
async function fill({ runtime, clients, worker }: Scene, assembly: string): Promise<Stage> {
  const { url } = await runtime({ assembly });
  const { endpoints, outputs } = await runtimeInfo(url);
  const follow = (variant: Variant): Promise<Clients> =>
    clients({ kind: 'counter', url, topics: [topicOf(variant)] }, SUBSCRIBERS[variant]);
  const subscribers = { few: await follow('few'), many: await follow('many') };
  const incrementer = worker<IncrementCommands>(new URL('increment-worker.ts', import.meta.url));
  const [topicsTable = '', keysTable = ''] = [outputs['TopicsTable'], outputs['KeysTable']];
  await incrementer.call('open', { endpoint: endpoints.dynamodb, topicsTable, keysTable });
  return { incrementer, subscribers };
}

async function measure(stage: Stage, variant: Variant): Promise<Figures> {
  const subscribers = stage.subscribers[variant];
  const increment = (durationMs: number) =>
    stage.incrementer.call('increment', { topic: topicOf(variant), perSecond: PER_SECOND, durationMs });
  await increment(WARM_MS);
  await subscribers.call('reset', undefined);
  const load = await increment(MEASURED_MS);
  const { messages, elapsedMs } = await subscribers.call('report', undefined);
  return {
    postsPerSubscriber: (messages / SUBSCRIBERS[variant] / elapsedMs) * 1_000,
    incrementsPerSecond: load.perSecond,
    settledMs: await untilAll(subscribers, load.total),
  };
}

/** Returns the time in ms until all clients show the value. Rejects if a client does not show it in time. */
async function untilAll(subscribers: Clients, value: number): Promise<number> {
  const beganMs = monotonicMs();
  for (;;) {
    const wrong = (await subscribers.call('values', undefined)).filter((each) => each !== value);
    const waitedMs = monotonicMs() - beganMs;
    if (wrong.length === 0) return waitedMs;
    if (waitedMs > BENCH_BOUNDS.DELIVERY_MS)
      throw new Error(`${wrong.length} clients ended on ${wrong[0]}, not ${value}`);
    await sleep(LOOK_MS);
  }
}
