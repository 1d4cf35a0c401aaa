import { writeAssembly } from '../assembly/write-assembly.ts';
import { inRounds } from '../harness/rounds.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { BenchContext, Measured } from '../model.ts';
import { runtimeInfo } from '../processes/start-runtime.ts';
import { BARE_APPLICATION } from './bare-application.ts';
import type { BareCommands } from './bare-worker.ts';
import {
  deliveries,
  type Driver,
  type EndToEnd,
  endToEndFigures,
  FEW,
  MANY,
  measureEndToEnd,
  openRuntime,
  p50,
  PER_SECOND,
  WINDOW,
} from './end-to-end.ts';

const ROUNDS = 3;

type Variant = 'ours' | 'bare';

/** Measures our fan-out with single frames beside the same steps in one plain process. */
export async function besideBare({ assembly, temporaryDirectory, progress }: BenchContext): Promise<Measured> {
  const ours = await assembly();
  const bare = await writeAssembly(await temporaryDirectory(), BARE_APPLICATION);
  const open = (scene: Scene, variant: Variant): Promise<Driver> =>
    variant === 'ours' ? openRuntime(scene, { assembly: ours }) : openBare(scene, bare);
  const rounds = await inRounds<Variant, EndToEnd>({
    variants: ['ours', 'bare'],
    rounds: ROUNDS,
    measure: (variant) => inScene(async (scene) => measureEndToEnd(await open(scene, variant))),
    progress,
  });
  return {
    ratios: {
      e2e_p50_vs_bare: rounds.ratio('ours', 'bare', p50),
      e2e_deliveries_vs_bare: rounds.ratio('ours', 'bare', deliveries),
    },
    figures: endToEndFigures(rounds),
  };
}

/**
 * Starts the bare pipeline with one more subscriber of each topic, because our publishers are subscribed too: both
 * sides make the same deliveries.
 */
async function openBare({ runtime, clients, worker }: Scene, assembly: string): Promise<Driver> {
  const { url, pid } = await runtime({ assembly });
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
    serverPids: [pid, bare.pid],
    subscribers,
    pace: (messages) => bare.call('pace', { topic: FEW.topic, perSecond: PER_SECOND, messages }),
    saturate: (durationMs) => bare.call('saturate', { topic: MANY.topic, window: WINDOW, durationMs }),
  };
}
