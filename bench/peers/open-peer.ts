import type { LoadTarget } from '../load/client.ts';
import type { Scene } from '../load/scene.ts';
import type { PeerCommands, PeerName } from './peer-worker.ts';

const TOPIC = 'peers';

const KINDS: Readonly<Record<PeerName, LoadTarget['kind']>> = {
  'ws, frame encoded once': 'plain',
  ws: 'plain',
  'socket.io': 'socketio',
  aedes: 'mqtt',
};

/** Starts a peer's server in a separate process. Resolves to the target that clients connect to. */
export async function openPeer({ worker }: Scene, name: PeerName): Promise<LoadTarget> {
  const server = worker<PeerCommands>(new URL('peer-worker.ts', import.meta.url));
  const port = await server.call('listen', { name });
  const kind = KINDS[name];
  return { kind, url: `${kind === 'socketio' ? 'http' : 'ws'}://127.0.0.1:${port}`, topics: [TOPIC] };
}
