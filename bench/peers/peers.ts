import { inRounds } from '../harness/rounds.ts';
import type { LoadTarget } from '../load/client.ts';
import { saturated } from '../load/measures.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import { besideMosquitto, hasMosquitto } from './open-mosquitto.ts';
import { openPeer } from './open-peer.ts';
import type { PeerName } from './peer-worker.ts';

const ROUNDS = 3;
const SUBSCRIBERS = 1_000;
const WINDOW = 200;
const WARM_MS = 500;
const MEASURED_MS = 1_500;

type Variant = PeerName | 'mosquitto';

const PEERS: readonly PeerName[] = ['ws, frame encoded once', 'ws', 'socket.io', 'aedes'];
const LIMIT = PEERS[0] ?? 'ws';

/** The bench of other servers that store nothing and run in one process. */
export const PEERS_BENCH: Bench = {
  name: 'peers',
  summary:
    'what keeps nothing and lives in one process: ws (the limit of Node), socket.io, aedes, mosquitto; 1,000 clients',
  run: async ({ temporaryDirectory, progress }) => {
    const folder = await temporaryDirectory();
    const measure = (variant: Variant): Promise<number> =>
      inScene((scene) =>
        variant === 'mosquitto'
          ? besideMosquitto(folder, (target) => load(scene, target))
          : openPeer(scene, variant).then((target) => load(scene, target)),
      );
    const variants: readonly Variant[] = hasMosquitto() ? [...PEERS, 'mosquitto'] : PEERS;
    const rounds = await inRounds({ variants, rounds: ROUNDS, measure, progress });
    const itself = (perSecond: number): number => perSecond;
    const others = variants.filter((variant) => variant !== LIMIT);
    return {
      ratios: Object.fromEntries(others.map((name) => [keyOf(name), rounds.ratio(name, LIMIT, itself)])),
      figures: rounds.figures('messages delivered at saturation', '1/s', itself),
      notes: hasMosquitto() ? [] : ['mosquitto is not on the PATH, so it was left out.'],
    };
  },
};

const keyOf = (name: Variant): string => `${name.replace('.', '')}_vs_limit_of_node`;

async function load({ clients }: Scene, target: LoadTarget): Promise<number> {
  const subscribers = await clients(target, SUBSCRIBERS);
  const publisher = await clients(target, 1);
  const { perSecond } = await saturated({
    saturate: (durationMs) => publisher.call('saturate', { window: WINDOW, durationMs }),
    subscribers,
    warmMs: WARM_MS,
    measuredMs: MEASURED_MS,
  });
  return perSecond;
}
