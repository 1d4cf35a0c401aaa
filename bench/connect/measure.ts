import { setTimeout as sleep } from 'node:timers/promises';
import { BENCH_BOUNDS } from '../bounds.ts';
import { treeCpuMs } from '../harness/process-cpu.ts';
import type { Rounds } from '../harness/rounds.ts';
import type { Scene } from '../load/scene.ts';
import type { Figure } from '../model.ts';
import type { Worker } from '../processes/start-worker.ts';
import type { ConnectCommands, ConnectKind } from './connect-worker.ts';

const CONNECTIONS = 100;
/** Connections of each variant that are not measured: they find every environment cold, and its code not compiled. */
const WARM_CONNECTIONS = 300;
const IN_FLIGHT = 16;
/** Time in ms after the last answer in which what a connect has started comes to its end. */
const SETTLE_MS = 500;

/** Time in ms for the clients of one side, which live through all rounds of all sides. */
const LIMIT_MS = 3 * BENCH_BOUNDS.WORKER_MS;

const CLIENTS = new URL('connect-worker.ts', import.meta.url);

/** A running server, and how clients connect to it. */
export interface ConnectTarget {
  readonly kind: ConnectKind;
  /** The process whose CPU counts, with all that it started. */
  readonly pid: number;
  readonly url: string;
  readonly protocols: readonly string[];
  readonly topics: number;
}

/** A server with warm clients. */
export interface ConnectSide extends ConnectTarget {
  readonly clients: Worker<ConnectCommands>;
}

/** The cost of one connection. */
export interface ConnectCost {
  readonly cpuMsPerConnect: number;
  readonly perSecond: number;
}

/** Returns the CPU of one connection. */
export const connectCpu = ({ cpuMsPerConnect }: ConnectCost): number => cpuMsPerConnect;
/** Returns the connections a second. */
export const connectSpeed = ({ perSecond }: ConnectCost): number => perSecond;

/** Starts the clients of a server, and warms it. */
export async function openSide({ worker }: Scene, target: ConnectTarget): Promise<ConnectSide> {
  const side = { ...target, clients: worker<ConnectCommands>(CLIENTS, { limitMs: LIMIT_MS }) };
  await connect(side, WARM_CONNECTIONS);
  return side;
}

/** Measures the cost of more connections. */
export async function measureSide(side: ConnectSide): Promise<ConnectCost> {
  const beganCpuMs = treeCpuMs(side.pid);
  const perSecond = await connect(side, CONNECTIONS);
  await sleep(SETTLE_MS);
  return { perSecond, cpuMsPerConnect: (treeCpuMs(side.pid) - beganCpuMs) / CONNECTIONS };
}

function connect({ clients, kind, url, protocols, topics }: ConnectSide, count: number): Promise<number> {
  return clients.call('connect', { kind, url, protocols, topics, count, inFlight: IN_FLIGHT });
}

/** Returns the figures of connecting, of all variants. */
export const connectFigures = ({ figures }: Pick<Rounds<string, ConnectCost>, 'figures'>): Figure[] => [
  ...figures('CPU of the whole server per connect', 'ms', connectCpu),
  ...figures('connections, 16 in flight', '1/s', connectSpeed),
];
