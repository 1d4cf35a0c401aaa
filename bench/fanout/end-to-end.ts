import type { Received } from '../load/latencies.ts';
import { saturated } from '../load/measures.ts';
import type { Clients, Scene } from '../load/scene.ts';
import { treeCpuMs } from '../harness/process-cpu.ts';
import type { Rounds } from '../harness/rounds.ts';
import type { Figure } from '../model.ts';
import type { RuntimeProcessOptions } from '../processes/start-runtime.ts';

/** The topic on which latency is measured. */
export const FEW = { topic: 'few', subscribers: 100 } as const;
/** The topic on which throughput is measured. */
export const MANY = { topic: 'many', subscribers: 1_000 } as const;
/** Messages a second at which latency is measured. */
export const PER_SECOND = 20;
/** Publishes in flight at saturation: two batches of the stream. */
export const WINDOW = 200;

const PACED_MESSAGES = 50;
const WARM_MESSAGES = 10;
const US_PER_MS = 1_000;
/**
 * Time in ms before measuring, so that steady state is measured: Lambdas are several processes, each of which has its
 * code to compile first.
 */
const WARM_MS = 3_000;
const MEASURED_MS = 2_000;

/** The figures of one variant. */
export interface EndToEnd {
  readonly paced: Received;
  readonly perSecond: number;
  /** CPU time of all processes but the clients, at saturation. */
  readonly cpuUsPerDelivery: number;
}

/** The controls of one variant. */
export interface Driver {
  /** The processes that, with their children, are not clients. */
  readonly serverPids: readonly number[];
  readonly subscribers: Clients;
  readonly pace: (messages: number) => Promise<unknown>;
  readonly saturate: (durationMs: number) => Promise<unknown>;
}

/** Measures latency at a steady rate, then throughput, of one variant that was just started. */
export async function measureEndToEnd({ serverPids, subscribers, pace, saturate }: Driver): Promise<EndToEnd> {
  await pace(WARM_MESSAGES);
  await subscribers.call('receive', { messages: WARM_MESSAGES * FEW.subscribers });
  await subscribers.call('reset', undefined);
  await pace(PACED_MESSAGES);
  const paced = await subscribers.call('receive', { messages: PACED_MESSAGES * FEW.subscribers });
  const load = await saturated({
    saturate,
    subscribers,
    warmMs: WARM_MS,
    measuredMs: MEASURED_MS,
    cpuMs: () => serverPids.reduce((total, pid) => total + treeCpuMs(pid), 0),
  });
  return { paced, perSecond: load.perSecond, cpuUsPerDelivery: (load.cpuMs * US_PER_MS) / load.messages };
}

/** Returns the median latency in ms. */
export const p50 = ({ paced }: EndToEnd): number => paced.p50Ms;
/** Returns the CPU time per delivery in microseconds. */
export const cpuPerDelivery = ({ cpuUsPerDelivery }: EndToEnd): number => cpuUsPerDelivery;
/** Returns the deliveries a second. */
export const deliveries = ({ perSecond }: EndToEnd): number => perSecond;

/** Returns the figures of all variants. */
export const endToEndFigures = <V extends string>(rounds: Rounds<V, EndToEnd>): Figure[] => [
  ...rounds.figures('p50 at 20 msg/s, 100 subscribers', 'ms', p50),
  ...rounds.figures('p99 at 20 msg/s, 100 subscribers', 'ms', ({ paced }) => paced.p99Ms),
  ...rounds.figures('deliveries at saturation, 1,000 subscribers', '1/s', deliveries),
  ...rounds.figures('CPU per delivery, all but the clients', 'µs', cpuPerDelivery),
];

/** Starts the local runtime of a checkout, with bare sockets that receive single frames. */
export async function openRuntime({ runtime, clients }: Scene, options: RuntimeProcessOptions): Promise<Driver> {
  const { url, pid } = await runtime(options);
  const subscribers = await clients({ kind: 'wire', url, topics: [FEW.topic, MANY.topic] }, FEW.subscribers);
  const target = { kind: 'wire', url, topics: [MANY.topic] } as const;
  await subscribers.call('connect', { target, count: MANY.subscribers - FEW.subscribers });
  const toFew = await clients({ kind: 'wire', url, topics: [FEW.topic] }, 1);
  const toMany = await clients(target, 1);
  return {
    serverPids: [pid],
    subscribers,
    pace: (messages) => toFew.call('pace', { perSecond: PER_SECOND, messages }),
    saturate: (durationMs) => toMany.call('saturate', { window: WINDOW, durationMs }),
  };
}
