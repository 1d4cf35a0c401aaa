import { join } from 'node:path';
import type { Json } from '../../local/model.ts';
import { synthesizeOf } from '../assembly/assemblies.ts';
import { inRounds, ratioOf } from '../harness/rounds.ts';
import { inScene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import { HERE } from '../processes/start-runtime.ts';
import { idleCalls, measureReaders, READERS, type ReadersFigures } from './readers.ts';
import { measureServer, STREAMS, type ServerFigures } from './servers.ts';

const ROUNDS = 3;

const SETTINGS: Readonly<Record<string, Json>> = { rateLimits: 'off', http: { longPollSeconds: 5, eventsSeconds: 60 } };

/** The bench of the HTTP door. */
export const HTTP: Bench = {
  name: 'http',
  summary:
    "the HTTP door: appends and latency beside the protocol's reference server; 200 long polls beside 200 sockets",
  run: async ({ temporaryDirectory, progress }) => {
    const assembly = await synthesizeOf(HERE, join(await temporaryDirectory(), 'http'), SETTINGS);
    const servers = await inRounds<'ours' | 'reference', ServerFigures>({
      variants: ['ours', 'reference'],
      rounds: ROUNDS,
      measure: (variant) => inScene((scene) => measureServer(scene, variant === 'ours' ? assembly : undefined)),
      progress,
    });
    const readers = await inRounds<'200 readers', ReadersFigures>({
      variants: ['200 readers'],
      rounds: ROUNDS,
      measure: () => inScene((scene) => measureReaders(scene, assembly)),
      progress,
    });
    const read = (key: keyof ReadersFigures) => readers.values('200 readers', (figures) => figures[key]);
    return {
      ratios: {
        appends_vs_reference: servers.ratio('ours', 'reference', ({ appendsPerSecond }) => appendsPerSecond),
        latency_vs_reference: servers.ratio('ours', 'reference', ({ p50Ms }) => p50Ms),
        long_polls_vs_websockets: ratioOf(read('longPollMs'), read('webSocketMs')),
        idle_reads_vs_bound: ratioOf(read('idleCalls'), read('idleBound')),
      },
      figures: [
        ...servers.figures(
          `appends, one in flight to each of ${STREAMS} streams`,
          '1/s',
          ({ appendsPerSecond: each }) => each,
        ),
        ...servers.figures('p50 from append to server-sent event', 'ms', ({ p50Ms }) => p50Ms),
        ...readers.figures(`until all ${READERS} long polls have a message`, 'ms', ({ longPollMs }) => longPollMs),
        ...readers.figures(`until all ${READERS} WebSockets have a message`, 'ms', ({ webSocketMs }) => webSocketMs),
        ...readers.figures('DynamoDB calls of the idle long polls in a minute', '', idleCalls),
      ],
    };
  },
};
