import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inRounds, type Rounds } from '../harness/rounds.ts';
import { median } from '../harness/statistics.ts';
import type { Bench, BenchContext, Measured } from '../model.ts';
import { routesOf, type Start, type Startable, startCold } from './measure.ts';

/** Rounds, 11. A process takes a twentieth of a second: many rounds make a single disturbance irrelevant. */
const ROUNDS = 11;

const EMPTY = 'empty handler';

/**
 * The bench of cold starts: fresh processes that load a route's deployed bundle, beside one that loads an empty
 * handler.
 */
export const COLDSTART: Bench = {
  name: 'coldstart',
  summary: 'a fresh process that loads a route, over one that loads an empty handler',
  run: measureColdStart,
};

async function measureColdStart({ assembly, temporaryDirectory, progress }: BenchContext): Promise<Measured> {
  const routes = routesOf(await assembly());
  const startables = new Map([[EMPTY, await writeEmpty(await temporaryDirectory(), routes)], ...routes]);
  const rounds = await inRounds({
    variants: [...startables.keys()],
    rounds: ROUNDS,
    measure: async (variant) => startCold(startables.get(variant) ?? unknown(variant)),
    progress,
  });
  return measuredOf(rounds, [...routes.keys()]);
}

/**
 * Writes an empty handler with the environment variables of a route, so that what Node does for them is on both sides.
 */
async function writeEmpty(directory: string, routes: ReadonlyMap<string, Startable>): Promise<Startable> {
  const file = join(directory, 'empty.mjs');
  await writeFile(file, 'export const handler = async () => ({ statusCode: 200 });\n');
  const [route] = routes.values();
  return { file, environment: route?.environment ?? {} };
}

function measuredOf(rounds: Rounds<string, Start>, routes: readonly string[]): Measured {
  const wall = ({ wallMs }: Start): number => wallMs;
  const ratios = routes.map((route) => ({ route, values: rounds.ratio(route, EMPTY, wall) }));
  const [worst] = ratios.toSorted((a, b) => median(b.values) - median(a.values));
  return {
    ratios: { init_vs_empty_handler: worst?.values ?? [] },
    figures: [...rounds.figures('start', 'ms', wall), ...rounds.figures('cpu', 'ms', ({ cpuMs }) => cpuMs)],
    notes: [`The worst route is ${worst?.route ?? 'none'}.`],
  };
}

function unknown(variant: string): never {
  throw new Error(`There is no ${variant}.`);
}
