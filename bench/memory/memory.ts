import { inRounds } from '../harness/rounds.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import type { GatewayCommands } from './gateway-worker.ts';
import type { IdleCommands } from './idle-worker.ts';

const ROUNDS = 3;
const CONNECTIONS = 10_000;
/** Connections before the measured ones, by which code is compiled and pools are filled. */
const WARM_CONNECTIONS = 1_000;
const BYTES_PER_KB = 1_024;

type Variant = 'gateway' | 'ws';

interface PerConnection {
  readonly rssKb: number;
  readonly leastKb: number;
  readonly usedKb: number;
}

/** The bench of idle connections. */
export const MEMORY: Bench = {
  name: 'memory',
  summary: "the gateway's memory for each of 10,000 idle connections, beside a bare server of ws",
  isExtra: true,
  run: async ({ progress }) => {
    const rounds = await inRounds<Variant, PerConnection>({
      variants: ['gateway', 'ws'],
      rounds: ROUNDS,
      measure: (variant) => inScene((scene) => measure(scene, variant)),
      progress,
    });
    const rss = ({ rssKb }: PerConnection): number => rssKb;
    return {
      ratios: {
        gateway_kb_per_connection: rounds.values('gateway', rss),
        gateway_vs_ws: rounds.ratio('gateway', 'ws', rss),
      },
      figures: [
        ...rounds.figures('resident memory for an idle connection', 'KB', rss),
        ...rounds.figures('the same when V8 has given back all it can', 'KB', ({ leastKb }) => leastKb),
        ...rounds.figures('live objects and buffers for an idle connection', 'KB', ({ usedKb }) => usedKb),
      ],
    };
  },
};

async function measure({ worker }: Scene, variant: Variant): Promise<PerConnection> {
  const server = worker<GatewayCommands>(new URL('gateway-worker.ts', import.meta.url));
  const url = await server.call(variant === 'gateway' ? 'startGateway' : 'startBare', undefined);
  const clients = worker<IdleCommands>(new URL('idle-worker.ts', import.meta.url));
  await clients.call('open', { url, count: WARM_CONNECTIONS });
  const before = await server.call('memory', undefined);
  await clients.call('open', { url, count: CONNECTIONS });
  const after = await server.call('memory', undefined);
  const kbOf = (bytes: number): number => bytes / CONNECTIONS / BYTES_PER_KB;
  return {
    rssKb: kbOf(after.rss - before.rss),
    leastKb: kbOf(after.leastRss - before.leastRss),
    usedKb: kbOf(after.used - before.used),
  };
}
