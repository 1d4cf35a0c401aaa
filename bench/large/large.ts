import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../harness/clock.ts';
import { treeCpuMs } from '../harness/process-cpu.ts';
import { type Clients, inScene, type Scene } from '../load/scene.ts';
import type { Bench, Figure, Measured } from '../model.ts';
import { HERE } from '../processes/start-runtime.ts';

/**
 * Subscribers of the topic, 20,000: on many machines more than one process may have open files. Therefore edges accept
 * the connections, and several processes are the clients.
 */
const SUBSCRIBERS = 20_000;
const EDGES = 2;
const TOPIC = 'crowd';
const PUBLISHES = 10;
/** Publishes at a steady rate after that, without waiting for deliveries. */
const BURST = 20;
const BURST_PAUSE_MS = 250;
/**
 * Time in ms to wait for missing messages, 10,000. Repeats count as received, so when the expected number has arrived,
 * some messages may still be in flight.
 */
const PATIENCE_MS = 10_000;
const MS_PER_SECOND = 1_000;
const US_PER_MS = 1_000;
const KB_PER_MB = 1_024;

/** The bench of one very large topic. */
export const LARGE: Bench = {
  name: 'large',
  summary: `one topic of ${SUBSCRIBERS.toLocaleString('en')} connections, by fan-out workers; by name alone, some 2 minutes`,
  isExtra: true,
  run: async ({ assembly, progress }) => {
    const directory = await assembly();
    return inScene((scene) => run(scene, directory, progress));
  },
};

async function run(scene: Scene, assembly: string, progress: (line: string) => void): Promise<Measured> {
  const { url, edgeUrls, pid } = await scene.runtime({ assembly, edges: EDGES });
  await growTopic(url);
  const beganMs = monotonicMs();
  progress(`connecting ${SUBSCRIBERS}`);
  const target = { kind: 'wire', topics: [TOPIC] } as const;
  const crowds = await Promise.all(
    edgeUrls.map((edge) => scene.clients({ ...target, url: edge }, SUBSCRIBERS / EDGES)),
  );
  const connectedMs = monotonicMs() - beganMs;
  progress(`connected in ${Math.round(connectedMs / MS_PER_SECOND)} s`);
  const publisher = await scene.clients({ ...target, url }, 1);
  const one = await oneByOne(crowds, publisher);
  progress(`last of ${SUBSCRIBERS} deliveries: ${one.map(({ lastMs }) => Math.round(lastMs)).join(', ')} ms`);
  const burst = await inBurst(crowds, publisher, pid);
  const messages = PUBLISHES + BURST;
  const parts = await Promise.all(crowds.map((crowd) => crowd.call('complete', { messages, patienceMs: PATIENCE_MS })));
  const complete = parts.reduce((total, part) => total + part.complete, 0);
  const repeats = parts.reduce((total, part) => total + part.repeats, 0);
  return {
    ratios: { complete: [complete / SUBSCRIBERS] },
    figures: [
      figure('connections a second, each subscribed', '1/s', [(SUBSCRIBERS * MS_PER_SECOND) / connectedMs]),
      figure(
        'p50 of one publish',
        'ms',
        one.map(({ p50Ms }) => p50Ms),
      ),
      figure(
        'last delivery of one publish',
        'ms',
        one.map(({ lastMs }) => lastMs),
      ),
      figure(`deliveries at ${MS_PER_SECOND / BURST_PAUSE_MS} publishes a second`, '1/s', [burst.perSecond]),
      figure('CPU per delivery, all but the clients', 'µs', [burst.cpuUs]),
      figure('memory of the gateway', 'MB', [residentMb(pid)]),
    ],
    notes: [
      `${complete} of ${SUBSCRIBERS} clients had all of ${messages} messages in order; ${repeats} messages came again`,
    ],
  };
}

const figure = (name: string, unit: string, values: readonly number[]): Figure => ({
  variant: `${SUBSCRIBERS} subscribers`,
  name,
  unit,
  values,
});

/** Grows the topic as an operator does before a large event, whose subscribers come before its first message. */
async function growTopic(url: string): Promise<void> {
  const { origin } = new URL(url.replace(/^ws/, 'http'));
  const args = [join(HERE, 'cli/main.ts'), 'grow', TOPIC, String(SUBSCRIBERS), '--url', origin];
  const [code] = await once(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }), 'exit');
  if (code !== 0) throw new Error(`grow ended with ${String(code)}`);
}

interface OnePublish {
  readonly p50Ms: number;
  readonly lastMs: number;
}

/**
 * Publishes one message at a time, each when all subscribers have received the one before. A repeat may stand for a
 * message that is still missing: completeness is counted at the end.
 */
async function oneByOne(crowds: readonly Clients[], publisher: Clients): Promise<OnePublish[]> {
  const publishes: OnePublish[] = [];
  for (let time = 0; time < PUBLISHES; time++) {
    await Promise.all(crowds.map((crowd) => crowd.call('reset', undefined)));
    await publisher.call('publish', undefined);
    const received = await receiveAll(crowds, 1);
    publishes.push({
      p50Ms: received.reduce((total, { p50Ms }) => total + p50Ms, 0) / received.length,
      lastMs: Math.max(...received.map(({ maximumMs }) => maximumMs)),
    });
  }
  return publishes;
}

async function inBurst(
  crowds: readonly Clients[],
  publisher: Clients,
  pid: number,
): Promise<{ readonly perSecond: number; readonly cpuUs: number }> {
  await Promise.all(crowds.map((crowd) => crowd.call('reset', undefined)));
  const [beganMs, beganCpuMs] = [monotonicMs(), treeCpuMs(pid)];
  for (let time = 0; time < BURST; time++) {
    await publisher.call('publish', undefined);
    await sleep(BURST_PAUSE_MS);
  }
  await receiveAll(crowds, BURST);
  const deliveries = SUBSCRIBERS * BURST;
  return {
    perSecond: (deliveries * MS_PER_SECOND) / (monotonicMs() - beganMs),
    cpuUs: ((treeCpuMs(pid) - beganCpuMs) * US_PER_MS) / deliveries,
  };
}

const receiveAll = (crowds: readonly Clients[], messages: number) =>
  Promise.all(crowds.map((crowd) => crowd.call('receive', { messages: (messages * SUBSCRIBERS) / crowds.length })));

/** Returns the resident memory of a process in MB. Linux only: NaN elsewhere. */
function residentMb(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / KB_PER_MB;
}
