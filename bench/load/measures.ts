import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../harness/statistics.ts';
import type { Received } from './latencies.ts';
import type { Clients } from './scene.ts';

const MS_PER_SECOND = 1_000;

/**
 * Publishes `times` times, each when all subscribers have received the message before. Resolves to the median time to
 * the last delivery.
 */
export async function lastDeliveryMs(
  { publish, subscribers, each }: { publish: () => Promise<unknown>; subscribers: Clients; each: number },
  times: number,
): Promise<{ readonly medianMs: number; readonly received: readonly Received[] }> {
  const received: Received[] = [];
  for (let time = 0; time < times; time++) {
    await subscribers.call('reset', undefined);
    await publish();
    received.push(await subscribers.call('receive', { messages: each }));
  }
  return { medianMs: median(received.map(({ maximumMs }) => maximumMs)), received };
}

/** The messages of a stretch of steady load, with their rate and CPU time. */
export interface Saturated extends Received {
  readonly perSecond: number;
  readonly cpuMs: number;
}

/** The options of a measurement at saturation. */
export interface SaturationOptions {
  /** Publishes as fast as deliveries come back, for this time. */
  readonly saturate: (durationMs: number) => Promise<unknown>;
  readonly subscribers: Clients;
  /** Time in ms before measuring. */
  readonly warmMs: number;
  readonly measuredMs: number;
  /** Returns the CPU time so far, in ms, of the measured processes. */
  readonly cpuMs?: () => number;
}

/** Measures what subscribers receive under steady load. */
export async function saturated(options: SaturationOptions): Promise<Saturated> {
  const { saturate, subscribers, warmMs, measuredMs, cpuMs = () => Number.NaN } = options;
  const done = saturate(warmMs + measuredMs);
  await sleep(warmMs);
  await subscribers.call('reset', undefined);
  const beganCpuMs = cpuMs();
  await sleep(measuredMs);
  const received = await subscribers.call('report', undefined);
  const spentMs = cpuMs() - beganCpuMs;
  await done;
  return { ...received, cpuMs: spentMs, perSecond: (received.messages * MS_PER_SECOND) / received.elapsedMs };
}
