import { inRounds } from '../harness/rounds.ts';
import { treeCpuMs } from '../harness/process-cpu.ts';
import { median } from '../harness/statistics.ts';
import { lastDeliveryMs, saturated } from '../load/measures.ts';
import { type Clients, inScene, type Scene } from '../load/scene.ts';
import type { BenchContext, Figure, Measured } from '../model.ts';

const ROUNDS = 3;
const PUBLISHES = 3;
const WARM_MS = 500;
const MEASURED_MS = 1_000;
/** Deliveries in flight at saturation, whatever the topic's size: as many as one invocation may post. */
const DELIVERIES_UNDER_WAY = 20_000;
/** Bounds of the publishes in flight. At least two, so that one waits when another is done. */
const WINDOW = { most: 200, least: 2 } as const;
/** Time in ms to wait for deliveries in flight, 10,000. A delivery that was given up never arrives. */
const SETTLE_MS = 10_000;
const US_PER_MS = 1_000;
const SIZES = [1, 10, 100, 1_000, 10_000] as const;

type Size = (typeof SIZES)[number];
type Variant = `${Size}`;

interface Figures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lastMs: number;
  readonly perSecond: number;
  readonly cpuUs: number;
}

/**
 * Measures topics of 1 to 10,000 subscribers. Each topic's subscribers are among those of the next larger one: one
 * runtime, one set of connections, alternating topics.
 */
export const growth = ({ assembly, progress }: BenchContext): Promise<Measured> =>
  inScene(async (scene) => {
    const stage = await fill(scene, await assembly(), progress);
    const rounds = await inRounds<Variant, Figures>({
      variants: SIZES.map(variantOf),
      rounds: ROUNDS,
      measure: (variant) => measure(stage, Number(variant)),
      progress,
    });
    const cpu = ({ cpuUs }: Figures): number => cpuUs;
    const figures: readonly Figure[] = [
      ...rounds.figures('deliveries at saturation', '1/s', ({ perSecond }) => perSecond),
      ...rounds.figures('CPU per delivery, all but the clients', 'µs', cpu),
      ...rounds.figures('p50 of one publish', 'ms', ({ p50Ms }) => p50Ms),
      ...rounds.figures('p99 of one publish', 'ms', ({ p99Ms }) => p99Ms),
      ...rounds.figures('last delivery of one publish', 'ms', ({ lastMs }) => lastMs),
    ];
    return {
      ratios: { cpu_per_delivery_10000_vs_100: rounds.ratio('10000', '100', cpu) },
      figures: figures.map((figure) => ({ ...figure, variant: `${figure.variant} subscribers` })),
    };
  });

const variantOf = (size: Size): Variant => `${size}`;
const topicOf = (size: number): string => `of-${size}`;

interface Stage {
  readonly runtimePid: number;
  readonly subscribers: Clients;
  readonly publishers: ReadonlyMap<number, Clients>;
}

async function fill({ runtime, clients }: Scene, assembly: string, progress: (line: string) => void): Promise<Stage> {
  const { url, pid } = await runtime({ assembly });
  const subscribers = await clients({ kind: 'wire', url, topics: SIZES.map(topicOf) }, 1);
  const publishers = new Map<number, Clients>();
  for (const [index, size] of SIZES.entries()) {
    progress(`connecting ${size}`);
    const topics = SIZES.slice(index).map(topicOf);
    const count = size - (SIZES[index - 1] ?? 1);
    await subscribers.call('connect', { target: { kind: 'wire', url, topics }, count });
    publishers.set(size, await clients({ kind: 'wire', url, topics: [topicOf(size)] }, 1));
  }
  return { runtimePid: pid, subscribers, publishers };
}

async function measure({ runtimePid, subscribers, publishers }: Stage, size: number): Promise<Figures> {
  const publisher = publishers.get(size);
  if (publisher === undefined) throw new Error(`There is no publisher for the topic of ${size} subscribers.`);
  const publish = (): Promise<unknown> => publisher.call('publish', undefined);
  const before = await subscribers.call('total', undefined);
  let sending = Promise.resolve(0);
  const single = await lastDeliveryMs({ publish, subscribers, each: size }, PUBLISHES);
  const window = Math.min(WINDOW.most, Math.max(WINDOW.least, Math.floor(DELIVERIES_UNDER_WAY / size)));
  const load = await saturated({
    saturate: (durationMs) => (sending = publisher.call('saturate', { window, durationMs })),
    subscribers,
    warmMs: WARM_MS,
    measuredMs: MEASURED_MS,
    cpuMs: () => treeCpuMs(runtimePid),
  });
  // The publisher receives a copy too.
  const deliveries = (load.messages * (size + 1)) / size;
  // Deliveries in flight must not fall into the next measurement.
  const sent = await sending;
  await publisher.call('drain', undefined);
  await subscribers.call('settle', { messages: before + (PUBLISHES + sent) * size, patienceMs: SETTLE_MS });
  return {
    p50Ms: median(single.received.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(single.received.map(({ p99Ms }) => p99Ms)),
    lastMs: single.medianMs,
    perSecond: load.perSecond,
    cpuUs: (load.cpuMs * US_PER_MS) / deliveries,
  };
}
