import { setTimeout as sleep } from 'node:timers/promises';
import { loadAssembly } from '../../local/assembly/load-assembly.ts';
import { freePort } from '../../local/ports.ts';
import { HTTP_BOUNDS } from '../../shared/http-door/http-bounds.ts';
import { median } from '../harness/statistics.ts';
import type { LoadTarget } from '../load/client.ts';
import type { Scene } from '../load/scene.ts';
import { runtimeInfo } from '../processes/start-runtime.ts';
import type { ProxyCommands } from '../publish/counting-proxy-worker.ts';
import type { DoorCommands } from './door-worker.ts';

/** The readers of one topic. */
export const READERS = 200;

/** The time in seconds for which the readers idle, of which the environment variable BENCH_IDLE_SECONDS has another. */
const IDLE_SECONDS = Number(process.env['BENCH_IDLE_SECONDS'] ?? 10);

/** The messages of which the median time is taken. One more before them is not measured. */
const MESSAGES = 5;

/** The pause in ms between two messages: every reader has asked again meanwhile. */
const PAUSE_MS = 500;

/** The looks at the head in a second, for all readers of a process together. */
const LOOKS_PER_SECOND = 1_000 / HTTP_BOUNDS.SHORTEST_LOOK_MS;

/** The figures of 200 readers. */
export interface ReadersFigures {
  readonly longPollMs: number;
  readonly webSocketMs: number;
  /** DynamoDB calls while the long polls idle, and their bound. */
  readonly idleCalls: number;
  readonly idleBound: number;
}

/** Returns the calls of a minute. */
export const idleCalls = ({ idleCalls: calls }: ReadersFigures): number => (calls * 60) / IDLE_SECONDS;

/**
 * Measures 200 readers of one topic by long poll, which one process of the door serves, and by WebSocket, with the
 * whole runtime.
 */
export async function measureReaders(scene: Scene, assembly: string): Promise<ReadersFigures> {
  const { url } = await scene.runtime({ assembly });
  const proxy = scene.worker<ProxyCommands>(new URL('../publish/counting-proxy-worker.ts', import.meta.url));
  const { endpoints } = await runtimeInfo(url);
  const port = await proxy.call('listen', { engineUrl: endpoints.dynamodb });
  const door = await openDoor(scene, { assembly, endpoint: `http://127.0.0.1:${port}` });
  const webSocketMs = await timeToAll(scene, { kind: 'wire', url, topics: ['sockets'] });
  const readers = await scene.clients({ kind: 'long-poll', url: door.url, topics: ['polls'] }, READERS);
  await sleep(PAUSE_MS);
  await proxy.call('take', undefined);
  await sleep(IDLE_SECONDS * 1_000);
  const calls = Object.values(await proxy.call('take', undefined)).reduce((sum, count) => sum + count, 0);
  const longPollMs = await timeOf(readers);
  // Each reader asks again when its wait is over, which may be just before and just after.
  const requests = READERS * (Math.ceil(IDLE_SECONDS / door.longPollSeconds) + 1);
  return { longPollMs, webSocketMs, idleCalls: calls, idleBound: LOOKS_PER_SECOND * IDLE_SECONDS + requests };
}

async function timeToAll(scene: Scene, target: LoadTarget): Promise<number> {
  const clients = await scene.clients(target, READERS);
  const ms = await timeOf(clients);
  await clients.stop();
  return ms;
}

/** Publishes some messages one after another. Resolves to the median of the times until all clients have one. */
async function timeOf(clients: Awaited<ReturnType<Scene['clients']>>): Promise<number> {
  const times: number[] = [];
  for (let sent = 0; sent <= MESSAGES; sent += 1) {
    await clients.call('reset', undefined);
    await clients.call('publish', undefined);
    const { maximumMs } = await clients.call('receive', { messages: READERS });
    if (sent > 0) times.push(maximumMs);
    await sleep(PAUSE_MS);
  }
  return median(times);
}

interface DoorPlace {
  readonly assembly: string;
  /** The address of DynamoDB. */
  readonly endpoint: string;
}

/** Serves the door's bundle in one process. */
async function openDoor({ worker }: Scene, { assembly, endpoint }: DoorPlace) {
  const { region, functions, functionUrls } = loadAssembly(assembly, { port: await freePort() });
  const [url] = functionUrls;
  const model = functions.find(({ arn }) => arn === url?.functionArn);
  if (url === undefined || model === undefined) throw new Error('The assembly has no HTTP door.');
  const environment = {
    ...model.environment,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  };
  const door = worker<DoorCommands>(new URL('door-worker.ts', import.meta.url), { environment });
  const longPollSeconds = Number(model.environment['LONG_POLL_SECONDS']);
  return { url: await door.call('listen', { model, url }), longPollSeconds };
}
