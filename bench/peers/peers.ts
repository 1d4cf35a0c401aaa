import { inRounds } from '../harness/rounds.ts';
import type { LoadTarget } from '../load/client.ts';
import { saturated } from '../load/measures.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import { besideMosquitto, hasMosquitto } from './open-mosquitto.ts';
import type { PeerCommands, PeerName } from './peer-worker.ts';

const TOPIC = 'peers';

const KINDS: Readonly<Record<PeerName, LoadTarget['kind']>> = {
  'ws, frame encoded once': 'plain',
  ws: 'plain',
  'socket.io': 'socketio',
  aedes: 'mqtt',
};

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

/** Starts a peer's server in a separate process. Resolves to the target that clients connect to. */
export async function openPeer({ worker }: Scene, name: PeerName): Promise<LoadTarget> {
  const server = worker<PeerCommands>(new URL('peer-worker.ts', import.meta.url));
  const port = await server.call('listen', { name });
  const kind = KINDS[name];
  return { kind, url: `${kind === 'socketio' ? 'http' : 'ws'}://127.0.0.1:${port}`, topics: [TOPIC] };
}
