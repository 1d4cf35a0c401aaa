import { inRounds } from '../harness/rounds.ts';
import { type Saturated, saturated } from '../load/measures.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench, BenchContext, Measured } from '../model.ts';
import { openPeer } from '../peers/peers.ts';
import { besideSingle } from './beside-single.ts';

const SATURATION_ROUNDS = 3;
const SUBSCRIBERS = 1_000;
/**
 * Time in ms before measuring, so that steady state is measured: Lambdas are several processes, each of which has its
 * code to compile first.
 */
const WARM_MS = 3_000;
const MEASURED_MS = 2_000;
/** Publishes in flight at saturation: two batches of the stream. */
const WINDOW = 200;
const TOPIC = 'batch';

/** The bench of batched frames, beside socket.io and beside single frames. */
export const BATCH: Bench = {
  name: 'batch',
  summary:
    'messages delivered by the library, several in a frame under load, beside socket.io; and what batches cost when idle',
  run: async (context) => {
    const [loaded, idle] = [await besideSocketIo(context), await besideSingle(context)];
    return {
      ratios: { ...loaded.ratios, ...idle.ratios },
      figures: [...loaded.figures, ...idle.figures],
      notes: ['Ours stores each message and numbers it before it is delivered; socket.io keeps nothing.'],
    };
  },
};

type Variant = 'ours' | 'socketio';
type Loaded = Saturated;

async function besideSocketIo({ assembly, progress }: BenchContext): Promise<Measured> {
  const directory = await assembly();
  const rounds = await inRounds<Variant, Loaded>({
    variants: ['ours', 'socketio'],
    rounds: SATURATION_ROUNDS,
    measure: (variant) => inScene((scene) => (variant === 'ours' ? loadOurs(scene, directory) : loadSocketIo(scene))),
    progress,
  });
  const speed = ({ perSecond }: Loaded): number => perSecond;
  return {
    ratios: { deliveries_vs_socketio: rounds.ratio('ours', 'socketio', speed) },
    figures: [
      ...rounds.figures('messages delivered at saturation', '1/s', speed),
      ...rounds.figures('of one core that the 1,000 clients use', '%', shareOfCore),
    ],
  };
}

const PERCENT = 100;
const shareOfCore = ({ clientCpuMs, elapsedMs }: Loaded): number => (PERCENT * clientCpuMs) / elapsedMs;

async function loadOurs({ runtime, clients }: Scene, assembly: string): Promise<Loaded> {
  const { url } = await runtime({ assembly });
  const subscribers = await clients({ kind: 'library', url, topics: [TOPIC] }, SUBSCRIBERS);
  const publisher = await clients({ kind: 'library', url, topics: [TOPIC] }, 1);
  const saturate = (durationMs: number) => publisher.call('saturate', { window: WINDOW, durationMs });
  return saturated({ saturate, subscribers, warmMs: WARM_MS, measuredMs: MEASURED_MS });
}

async function loadSocketIo(scene: Scene): Promise<Loaded> {
  const target = await openPeer(scene, 'socket.io');
  const subscribers = await scene.clients(target, SUBSCRIBERS);
  const publisher = await scene.clients(target, 1);
  const saturate = (durationMs: number) => publisher.call('saturate', { window: WINDOW, durationMs });
  return saturated({ saturate, subscribers, warmMs: WARM_MS, measuredMs: MEASURED_MS });
}
