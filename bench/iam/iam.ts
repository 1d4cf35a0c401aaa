import { treeCpuMs } from '../harness/process-cpu.ts';
import { inRounds } from '../harness/rounds.ts';
import { BENCH_BOUNDS } from '../bounds.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import type { Worker } from '../processes/start-worker.ts';
import type { PublisherCommands } from './publisher-worker.ts';
import type { RuntimeCommands } from './runtime-worker.ts';

const ROUNDS = 61;
const PUBLISHES = 500;
/** Publishes of each side that are not measured: they find every environment cold, and its code not compiled. */
const WARM_PUBLISHES = 2_000;
const IN_FLIGHT = 16;

/** Time in ms for the processes of one side, which live through all rounds of both. */
const LIMIT_MS = 6 * BENCH_BOUNDS.WORKER_MS;

const RUNTIME = new URL('runtime-worker.ts', import.meta.url);
const PUBLISHER = new URL('publisher-worker.ts', import.meta.url);

const VARIANTS = ['judged', 'not judged'] as const;

type Variant = (typeof VARIANTS)[number];

/** The bench of the judgement of rights. */
export const IAM: Bench = {
  name: 'iam',
  summary: 'CPU of a publish and its delivery in the whole local runtime, with its rights judged and without',
  isExtra: true,
  run: async ({ assembly, progress }) => {
    const directory = await assembly();
    const rounds = await inScene(async (scene) => {
      const sides: Readonly<Record<Variant, Side>> = {
        judged: await openSide(scene, directory, true),
        'not judged': await openSide(scene, directory, false),
      };
      return inRounds({ variants: VARIANTS, rounds: ROUNDS, measure: (variant) => measure(sides[variant]), progress });
    });
    const cpu = (cpuMs: number): number => cpuMs;
    return {
      ratios: { publish_cpu_judged_vs_not: rounds.ratio('judged', 'not judged', cpu) },
      figures: rounds.figures('CPU of the whole runtime per publish', 'ms', cpu),
    };
  },
};

interface Side {
  /** The process whose CPU counts, with all that it started. */
  readonly pid: number;
  readonly url: string;
  readonly publisher: Worker<PublisherCommands>;
}

async function openSide({ worker }: Scene, assembly: string, isJudged: boolean): Promise<Side> {
  const runtime = worker<RuntimeCommands>(RUNTIME, { limitMs: LIMIT_MS });
  const url = await runtime.call('start', { assembly, isJudged });
  const publisher = worker<PublisherCommands>(PUBLISHER, { limitMs: LIMIT_MS });
  const side = { pid: runtime.pid, url, publisher };
  await publish(side, WARM_PUBLISHES);
  return side;
}

/** Resolves to the CPU in ms of one publish. */
async function measure(side: Side): Promise<number> {
  const beganMs = treeCpuMs(side.pid);
  await publish(side, PUBLISHES);
  return (treeCpuMs(side.pid) - beganMs) / PUBLISHES;
}

const publish = ({ publisher, url }: Side, count: number): Promise<void> =>
  publisher.call('publish', { url, count, inFlight: IN_FLIGHT });
