import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../harness/clock.ts';
import { type TreeMemory, treeMemory } from '../harness/process-memory.ts';
import type { Rounds } from '../harness/rounds.ts';
import { inScene } from '../load/scene.ts';
import type { Figure } from '../model.ts';
import type { RuntimeProcessOptions } from '../processes/start-runtime.ts';

/** Time in ms from `ready` until a runtime is at rest. */
const REST_MS = 6_000;

/** A runtime that nobody uses: its memory, and the time in ms from its start until it was ready. */
export interface RestCost extends TreeMemory {
  readonly readyMs: number;
}

/** Returns the time until a runtime was ready. */
export const readyMs = (cost: RestCost): number => cost.readyMs;
/** Returns the resident memory of a runtime at rest. */
export const residentMb = (memory: TreeMemory): number => memory.residentMb;
/** Returns the memory of a runtime at rest that is no file's content. */
export const anonymousMb = (memory: TreeMemory): number => memory.anonymousMb;

/** Measures a runtime that nobody uses, some seconds after its start. */
export const measureRest = (options: RuntimeProcessOptions): Promise<RestCost> =>
  inScene(async ({ runtime }) => {
    const beganMs = monotonicMs();
    const { pid } = await runtime(options);
    const ready = monotonicMs() - beganMs;
    await sleep(REST_MS);
    return { ...treeMemory(pid), readyMs: ready };
  });

/** Returns the figures of runtimes at rest, of all variants. */
export const restFigures = ({ figures }: Pick<Rounds<string, RestCost>, 'figures'>): Figure[] => [
  ...figures('from the start until ready, of a synthesized assembly', 'ms', readyMs),
  ...figures('resident memory of the whole runtime at rest', 'MB', residentMb),
  ...figures('the part of it that is no file', 'MB', anonymousMb),
];
