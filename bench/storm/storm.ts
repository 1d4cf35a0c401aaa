import { treeCpuMs } from '../harness/process-cpu.ts';
import type { Rounds } from '../harness/rounds.ts';
import type { Scene } from '../load/scene.ts';
import { BENCH_BOUNDS } from '../bounds.ts';
import type { Figure } from '../model.ts';
import { HERE, type RuntimeProcessOptions } from '../processes/start-runtime.ts';
import type { Worker } from '../processes/start-worker.ts';
import type { StormCommands } from './storm-worker.ts';

const CLIENTS = 300;
const TOPICS_EACH = 5;
const TOPICS = Array.from({ length: 30 }, (_, index) => `storm-${index}`);

/** Time in ms for the clients of one side, which live through all rounds. */
const LIMIT_MS = 3 * BENCH_BOUNDS.WORKER_MS;

/** A running server with clients that are live. */
export interface StormSide {
  /** The process whose CPU counts, with all that it started. */
  readonly pid: number;
  readonly clients: Worker<StormCommands>;
}

/** The cost of one storm. */
export interface StormCost {
  /** Time in ms until every client has what it missed. */
  readonly ms: number;
  readonly cpuMsPerClient: number;
}

/** Returns the time of a storm. */
export const stormTime = ({ ms }: StormCost): number => ms;
/** Returns the CPU of one client's return. */
export const stormCpu = ({ cpuMsPerClient }: StormCost): number => cpuMsPerClient;

/** Starts the local runtime of a checkout, and clients with its library. */
export async function openStorm({ runtime, worker }: Scene, options: RuntimeProcessOptions): Promise<StormSide> {
  const { url, pid } = await runtime(options);
  const clients = worker<StormCommands>(new URL('storm-worker.ts', import.meta.url), { limitMs: LIMIT_MS });
  const { root = HERE } = options;
  await clients.call('open', { url, root, clients: CLIENTS, topics: TOPICS, topicsEach: TOPICS_EACH });
  return { pid, clients };
}

/** Measures one storm: all connections end at once, and each client misses a message in each topic. */
export async function measureStorm({ pid, clients }: StormSide): Promise<StormCost> {
  const beganCpuMs = treeCpuMs(pid);
  const ms = await clients.call('storm', CLIENTS * TOPICS_EACH);
  return { ms, cpuMsPerClient: (treeCpuMs(pid) - beganCpuMs) / CLIENTS };
}

/** Returns the figures of storms, of all variants. */
export const stormFigures = ({ figures }: Pick<Rounds<string, StormCost>, 'figures'>): Figure[] => [
  ...figures(`time until ${CLIENTS} clients with ${TOPICS_EACH} topics have all that they missed`, 'ms', stormTime),
  ...figures('CPU of the whole server for the return of one client', 'ms', stormCpu),
];
