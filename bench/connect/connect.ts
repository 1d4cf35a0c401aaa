import { join } from 'node:path';
import { issuerFacts } from '../../local/issuer/issuer.ts';
import { freePort } from '../../local/ports.ts';
import { synthesizeOf } from '../assembly/assemblies.ts';
import { inRounds } from '../harness/rounds.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import type { PeerCommands } from '../peers/peer-worker.ts';
import { HERE } from '../processes/start-runtime.ts';
import { connectCpu, connectFigures, type ConnectSide, connectSpeed, measureSide, openSide } from './measure.ts';

const ROUNDS = 7;
/** The topics of a connection, as many as there are default topics. */
const TOPICS = 2;

/** The protocol's name in a handshake; a token goes beside it. */
const PROTOCOL = 'distributary.v1';

/** The variants: a stack that asks for tokens, one that does not, the same with two topics, and socket.io with two. */
const VARIANTS = ['with auth', 'without', 'two topics', 'socket.io'] as const;

type Variant = (typeof VARIANTS)[number];

/** The bench of connecting. */
export const CONNECT: Bench = {
  name: 'connect',
  summary: 'a connect with a token over one without, and with two topics over two rooms of socket.io: CPU, and speed',
  isExtra: true,
  run: async ({ temporaryDirectory, progress }) => {
    const directory = await temporaryDirectory();
    const rounds = await inScene(async (scene) => {
      const sides = await openSides(scene, directory);
      return inRounds({
        variants: VARIANTS,
        rounds: ROUNDS,
        measure: (variant) => measureSide(sides[variant]),
        progress,
      });
    });
    return {
      ratios: {
        cpu_with_auth_vs_without: rounds.ratio('with auth', 'without', connectCpu),
        connects_with_auth_vs_without: rounds.ratio('with auth', 'without', connectSpeed),
        cpu_vs_socketio: rounds.ratio('two topics', 'socket.io', connectCpu),
        connects_vs_socketio: rounds.ratio('two topics', 'socket.io', connectSpeed),
      },
      figures: connectFigures(rounds),
    };
  },
};

async function openSides(scene: Scene, directory: string): Promise<Readonly<Record<Variant, ConnectSide>>> {
  const without = await openRuntime(scene, 'off', join(directory, 'without'));
  return {
    'with auth': await openRuntime(scene, 'on', join(directory, 'with-auth')),
    without,
    // This variant has the server of the one above, whose CPU counts while it serves this one.
    'two topics': await openSide(scene, { ...without, topics: TOPICS }),
    'socket.io': await openSocketIo(scene),
  };
}

/** Starts a runtime in separate processes. The template with `auth` names the port of its issuer. */
async function openRuntime(scene: Scene, auth: 'on' | 'off', directory: string): Promise<ConnectSide> {
  const port = await freePort();
  const settings = { rateLimits: 'off', auth: auth === 'on' ? { ...issuerFacts(port) } : 'off' };
  const assembly = await synthesizeOf(HERE, directory, settings);
  const { pid, url } = await scene.runtime({ assembly, port });
  const protocols = auth === 'on' ? [PROTOCOL, `token.${await tokenOf(port)}`] : [PROTOCOL];
  return openSide(scene, { kind: 'wire', pid, url, protocols, topics: 1 });
}

/** Gets a token that permits to subscribe, from the runtime's own issuer. */
async function tokenOf(port: number): Promise<string> {
  const body = JSON.stringify({ sub: 'ann', subscribe: ['*'] });
  const response = await fetch(`http://127.0.0.1:${port}/_runtime/tokens`, { method: 'POST', body });
  const { token }: { token: string } = JSON.parse(await response.text());
  return token;
}

async function openSocketIo(scene: Scene): Promise<ConnectSide> {
  const server = scene.worker<PeerCommands>(new URL('../peers/peer-worker.ts', import.meta.url));
  const port = await server.call('listen', { name: 'socket.io' });
  return openSide(scene, {
    kind: 'socket.io',
    pid: server.pid,
    url: `http://127.0.0.1:${port}`,
    protocols: [],
    topics: TOPICS,
  });
}
