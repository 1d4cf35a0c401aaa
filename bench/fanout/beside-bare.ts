import { writeAssembly } from '../assembly/write-assembly.ts';
import { inRounds } from '../harness/rounds.ts';
import type { Received } from '../load/latencies.ts';
import { saturated } from '../load/measures.ts';
import { type Clients, inScene, type Scene } from '../load/scene.ts';
import type { BenchContext, Measured } from '../model.ts';
import { runtimeInfo } from '../processes/runtime-info.ts';
import { BARE_APPLICATION } from './bare-application.ts';
import type { BareCommands } from './bare-worker.ts';

const ROUNDS = 3;
/** Latency at 100 subscribers, throughput at 1,000. */
const FEW = { topic: 'few', subscribers: 100 } as const;
const MANY = { topic: 'many', subscribers: 1_000 } as const;
const PER_SECOND = 20;
const PACED_MESSAGES = 60;
const WARM_MESSAGES = 20;
const WARM_MS = 1_000;
const MEASURED_MS = 3_000;
const WINDOW = 200;

type Variant = 'ours' | 'bare';

interface Figures {
  readonly paced: Received;
  readonly perSecond: number;
}

/** How one variant is driven. */
interface Driver {
  readonly subscribers: Clients;
  readonly pace: (messages: number) => Promise<unknown>;
  readonly saturate: (durationMs: number) => Promise<unknown>;
}

/** Ours, single frames, beside the same steps in one plain process. */
export async function besideBare({ assembly, temporaryDirectory, progress }: BenchContext): Promise<Measured> {
  const assemblies: Readonly<Record<Variant, string>> = {
    ours: await assembly(),
    bare: await writeAssembly(await temporaryDirectory(), BARE_APPLICATION),
  };
  const open = { ours: openOurs, bare: openBare } as const;
  const rounds = await inRounds<Variant, Figures>({
    variants: ['ours', 'bare'],
    rounds: ROUNDS,
    measure: (variant) => inScene(async (scene) => measure(await open[variant](scene, assemblies[variant]))),
    progress,
  });
  const p50 = ({ paced }: Figures): number => paced.p50Ms;
  const perSecond = (figures: Figures): number => figures.perSecond;
  return {
    ratios: {
      e2e_p50_vs_bare: rounds.ratio('ours', 'bare', p50),
      e2e_deliveries_vs_bare: rounds.ratio('ours', 'bare', perSecond),
    },
    figures: [
      ...rounds.figures('p50 at 20 msg/s, 100 subscribers', 'ms', p50),
      ...rounds.figures('p99 at 20 msg/s, 100 subscribers', 'ms', ({ paced }) => paced.p99Ms),
      ...rounds.figures('deliveries at saturation, 1,000 subscribers', '1/s', perSecond),
    ],
  };
}

async function measure({ subscribers, pace, saturate }: Driver): Promise<Figures> {
  await pace(WARM_MESSAGES);
  await subscribers.call('receive', { messages: WARM_MESSAGES * FEW.subscribers });
  await subscribers.call('reset', undefined);
  await pace(PACED_MESSAGES);
  const paced = await subscribers.call('receive', { messages: PACED_MESSAGES * FEW.subscribers });
  const { perSecond } = await saturated({ saturate, subscribers, warmMs: WARM_MS, measuredMs: MEASURED_MS });
  return { paced, perSecond };
}

async function openOurs({ runtime, clients }: Scene, assembly: string): Promise<Driver> {
  const { url } = await runtime({ assembly });
  const subscribers = await clients({ kind: 'wire', url, topics: [FEW.topic, MANY.topic] }, FEW.subscribers);
  const target = { kind: 'wire', url, topics: [MANY.topic] } as const;
  await subscribers.call('connect', { target, count: MANY.subscribers - FEW.subscribers });
  const toFew = await clients({ kind: 'wire', url, topics: [FEW.topic] }, 1);
  const toMany = await clients(target, 1);
  return {
    subscribers,
    pace: (messages) => toFew.call('pace', { perSecond: PER_SECOND, messages }),
    saturate: (durationMs) => toMany.call('saturate', { window: WINDOW, durationMs }),
  };
}

/** One more subscriber of each topic, as the publishers of ours are: the same deliveries. */
async function openBare({ runtime, clients, worker }: Scene, assembly: string): Promise<Driver> {
  const { url } = await runtime({ assembly });
  const target = { kind: 'plain', url, topics: [] } as const;
  const subscribers = await clients(target, MANY.subscribers);
  const [extra = ''] = await (await clients(target, 1)).call('ids', undefined);
  const ids = await subscribers.call('ids', undefined);
  const { endpoints } = await runtimeInfo(url);
  const bare = worker<BareCommands>(new URL('bare-worker.ts', import.meta.url));
  await bare.call('start', { dynamodbUrl: endpoints.dynamodb, callbackUrl: endpoints.callback });
  await bare.call('subscribe', { topic: FEW.topic, connectionIds: [...ids.slice(0, FEW.subscribers), extra] });
  await bare.call('subscribe', { topic: MANY.topic, connectionIds: [...ids, extra] });
  return {
    subscribers,
    pace: (messages) => bare.call('pace', { topic: FEW.topic, perSecond: PER_SECOND, messages }),
    saturate: (durationMs) => bare.call('saturate', { topic: MANY.topic, window: WINDOW, durationMs }),
  };
}
