import type { Scene } from '../load/scene.ts';
import type { AppendCommands } from './appends-worker.ts';
import type { ReferenceCommands } from './reference-worker.ts';

/** The streams, each with one append in flight. */
export const STREAMS = 4;
/** The appends to each stream before those that are measured: the local runtime starts its environments meanwhile. */
const WARM = 50;
const MEASURED_MS = 2_000;
const PER_SECOND = 10;
const MESSAGES = 30;

/** The speed of a server of durable streams. */
export interface ServerFigures {
  readonly appendsPerSecond: number;
  /** Median time in ms from an append to its event at a reader. */
  readonly p50Ms: number;
}

/** Measures the local runtime of an assembly, or the reference server where there is none. */
export async function measureServer(scene: Scene, assembly: string | undefined): Promise<ServerFigures> {
  const url = assembly === undefined ? await openReference(scene) : await openRuntime(scene, assembly);
  const appends = scene.worker<AppendCommands>(new URL('appends-worker.ts', import.meta.url));
  const load = { url, streams: STREAMS, warm: WARM, measuredMs: MEASURED_MS };
  const appendsPerSecond = await appends.call('append', load);
  const reader = await scene.clients({ kind: 'events', url, topics: ['latency'] }, 1);
  await reader.call('pace', { perSecond: PER_SECOND, messages: PER_SECOND });
  await reader.call('receive', { messages: PER_SECOND });
  await reader.call('reset', undefined);
  await reader.call('pace', { perSecond: PER_SECOND, messages: MESSAGES });
  const { p50Ms } = await reader.call('receive', { messages: MESSAGES });
  return { appendsPerSecond, p50Ms };
}

const openReference = ({ worker }: Scene): Promise<string> =>
  worker<ReferenceCommands>(new URL('reference-worker.ts', import.meta.url)).call('listen', undefined);

async function openRuntime({ runtime }: Scene, assembly: string): Promise<string> {
  const { url } = await runtime({ assembly });
  return new URL(url.replace('ws:', 'http:')).origin;
}
