import { synthesizeOf } from '../assembly/assemblies.ts';
import { join } from 'node:path';
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
import { inScene } from '../load/scene.ts';
import type { BenchContext, Measured } from '../model.ts';
import { HERE, type RuntimeProcessOptions } from '../processes/start-runtime.ts';
import { withWorktree } from './worktree.ts';

const ROUNDS = 3;

type Variant = 'working tree' | 'revision';

/**
 * Measures the way from a publish to the last subscriber, of this working tree beside a revision. Both are driven by
 * this working tree's bench.
 */
export async function compareWith(revision: string, context: BenchContext): Promise<Measured> {
  const folder = await context.temporaryDirectory();
  return withWorktree(revision, folder, async (root) => {
    const options: Readonly<Record<Variant, RuntimeProcessOptions>> = {
      'working tree': { root: HERE, assembly: await context.assembly() },
      revision: { root, assembly: await synthesizeOf(root, join(folder, 'assembly')) },
    };
    const rounds = await inRounds<Variant, EndToEnd>({
      variants: ['working tree', 'revision'],
      rounds: ROUNDS,
      measure: (variant) => inScene(async (scene) => measureEndToEnd(await openRuntime(scene, options[variant]))),
      progress: context.progress,
    });
    return {
      ratios: {
        p50_vs_revision: rounds.ratio('working tree', 'revision', p50),
        deliveries_vs_revision: rounds.ratio('working tree', 'revision', deliveries),
        cpu_vs_revision: rounds.ratio('working tree', 'revision', cpuPerDelivery),
      },
      figures: endToEndFigures(rounds),
      notes: [`The revision is ${revision}.`],
    };
  });
}
