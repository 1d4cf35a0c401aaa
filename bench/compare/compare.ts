import { join } from 'node:path';
import type { ComparedPart } from '../arguments.ts';
import { synthesizeOf } from '../assembly/assemblies.ts';
import {
  type ConnectCost,
  connectCpu,
  connectFigures,
  type ConnectSide,
  connectSpeed,
  measureSide,
  openSide,
} from '../connect/measure.ts';
import {
  cpuPerDelivery,
  deliveries,
  type EndToEnd,
  endToEndFigures,
  measureEndToEnd,
  openRuntime,
  p50,
} from '../fanout/end-to-end.ts';
import { inRounds } from '../harness/rounds.ts';
import { inScene, type Scene } from '../load/scene.ts';
import { anonymousMb, measureRest, readyMs, residentMb, type RestCost, restFigures } from '../memory/rest.ts';
import type { BenchContext, Measured } from '../model.ts';
import { HERE, type RuntimeProcessOptions } from '../processes/start-runtime.ts';
import {
  measureStorm,
  openStorm,
  type StormCost,
  stormCpu,
  stormFigures,
  type StormSide,
  stormTime,
} from '../storm/storm.ts';
import { withWorktree } from './worktree.ts';

const ROUNDS = 3;
/** The rounds of connecting: shorter ones. */
const CONNECT_ROUNDS = 5;
/** The rounds of storms. The first one finds environments cold. */
const STORM_ROUNDS = 5;
/** The rounds of runtimes at rest. The first one finds no compiled code of an earlier start. */
const REST_ROUNDS = 5;
/** The topics of a connection, as many as there are default topics. */
const TOPICS = 2;

const VARIANTS = ['working tree', 'revision'] as const;

type Variant = (typeof VARIANTS)[number];

/** The request of a comparison: with which revision, and whether of connecting alone. */
export interface Comparison {
  readonly revision: string;
  readonly only: ComparedPart | undefined;
}

/**
 * Measures the way from a publish to the last subscriber, and connecting, of this working tree beside a revision. Both
 * are driven by this working tree's bench.
 */
export async function compareWith({ revision, only }: Comparison, context: BenchContext): Promise<Measured> {
  const folder = await context.temporaryDirectory();
  return withWorktree(revision, folder, async (root) => {
    const options: Options = {
      'working tree': { root: HERE, assembly: await context.assembly() },
      revision: { root, assembly: await synthesizeOf(root, join(folder, 'assembly')) },
    };
    if (only === 'storm') return compareStorms(options, context);
    if (only === 'memory') return compareRest(options, context);
    const connecting = await compareConnects(options, context);
    const way = only === 'connect' ? NOTHING : await compareWay(options, context);
    return {
      ratios: { ...connecting.ratios, ...way.ratios },
      figures: [...connecting.figures, ...way.figures],
      notes: [`The revision is ${revision}.`],
    };
  });
}

type Options = Readonly<Record<Variant, RuntimeProcessOptions>>;

const NOTHING: Measured = { ratios: {}, figures: [] };

async function compareWay(options: Options, { progress }: BenchContext): Promise<Measured> {
  const rounds = await inRounds<Variant, EndToEnd>({
    variants: VARIANTS,
    rounds: ROUNDS,
    measure: (variant) => inScene(async (scene) => measureEndToEnd(await openRuntime(scene, options[variant]))),
    progress,
  });
  return {
    ratios: {
      p50_vs_revision: rounds.ratio('working tree', 'revision', p50),
      deliveries_vs_revision: rounds.ratio('working tree', 'revision', deliveries),
      cpu_vs_revision: rounds.ratio('working tree', 'revision', cpuPerDelivery),
    },
    figures: endToEndFigures(rounds),
  };
}

async function compareConnects(options: Options, { progress }: BenchContext): Promise<Measured> {
  const rounds = await inScene(async (scene) => {
    const sides: Readonly<Record<Variant, ConnectSide>> = {
      'working tree': await openConnects(scene, options['working tree']),
      revision: await openConnects(scene, options.revision),
    };
    const measure = (variant: Variant): Promise<ConnectCost> => measureSide(sides[variant]);
    return inRounds({ variants: VARIANTS, rounds: CONNECT_ROUNDS, measure, progress });
  });
  return {
    ratios: {
      connects_vs_revision: rounds.ratio('working tree', 'revision', connectSpeed),
      connect_cpu_vs_revision: rounds.ratio('working tree', 'revision', connectCpu),
    },
    figures: connectFigures(rounds),
  };
}

async function compareStorms(options: Options, { progress }: BenchContext): Promise<Measured> {
  const rounds = await inScene(async (scene) => {
    const sides: Readonly<Record<Variant, StormSide>> = {
      'working tree': await openStorm(scene, options['working tree']),
      revision: await openStorm(scene, options.revision),
    };
    const measure = (variant: Variant): Promise<StormCost> => measureStorm(sides[variant]);
    return inRounds({ variants: VARIANTS, rounds: STORM_ROUNDS, measure, progress });
  });
  return {
    ratios: {
      storm_time_vs_revision: rounds.ratio('working tree', 'revision', stormTime),
      storm_cpu_vs_revision: rounds.ratio('working tree', 'revision', stormCpu),
    },
    figures: stormFigures(rounds),
  };
}

async function compareRest(options: Options, { progress }: BenchContext): Promise<Measured> {
  const rounds = await inRounds<Variant, RestCost>({
    variants: VARIANTS,
    rounds: REST_ROUNDS,
    measure: (variant) => measureRest(options[variant]),
    progress,
  });
  return {
    ratios: {
      rest_memory_vs_revision: rounds.ratio('working tree', 'revision', residentMb),
      rest_anonymous_vs_revision: rounds.ratio('working tree', 'revision', anonymousMb),
      ready_time_vs_revision: rounds.ratio('working tree', 'revision', readyMs),
    },
    figures: restFigures(rounds),
  };
}

async function openConnects(scene: Scene, options: RuntimeProcessOptions): Promise<ConnectSide> {
  const { pid, url } = await scene.runtime(options);
  return openSide(scene, { kind: 'wire', pid, url, protocols: [], topics: TOPICS });
}
