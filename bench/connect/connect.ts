import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { issuerFacts } from '../../local/issuer/issuer.ts';
import { freePort } from '../../local/ports.ts';
import { synthesizeOf } from '../assembly/assemblies.ts';
import { treeCpuMs } from '../harness/process-cpu.ts';
import { inRounds } from '../harness/rounds.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import { HERE } from '../processes/start-runtime.ts';
import type { Worker } from '../processes/start-worker.ts';
import type { ConnectCommands } from './connect-worker.ts';

const ROUNDS = 7;
const CONNECTIONS = 150;
/** Connections of each variant that are not measured: they find every environment cold, and its code not compiled. */
const WARM_CONNECTIONS = 500;
const IN_FLIGHT = 16;
/** Time in ms after the last `subscribed` in which what a connect has started comes to its end. */
const SETTLE_MS = 500;

/** The protocol's name in a handshake; a token goes beside it. */
const PROTOCOL = 'distributary.v1';

/** The variants: a stack that asks for tokens, and one that does not. */
const VARIANTS = ['with auth', 'without'] as const;

type Variant = (typeof VARIANTS)[number];

/** A running variant. */
interface Side {
  readonly pid: number;
  readonly url: string;
  readonly protocols: readonly string[];
  readonly clients: Worker<ConnectCommands>;
}

interface ConnectCost {
  readonly cpuMsPerConnect: number;
  readonly perSecond: number;
}

/** The bench of connecting. */
export const CONNECT: Bench = {
  name: 'connect',
  summary: 'a connect with a token over one without: CPU of the whole runtime, and connections a second',
  isExtra: true,
  run: async ({ temporaryDirectory, progress }) => {
    const directory = await temporaryDirectory();
    const rounds = await inScene(async (scene) => {
      const sides = new Map<Variant, Side>();
      for (const variant of VARIANTS) sides.set(variant, await open(scene, variant, join(directory, variant)));
      return inRounds({ variants: VARIANTS, rounds: ROUNDS, measure: (variant) => measure(sides, variant), progress });
    });
    const cpu = ({ cpuMsPerConnect }: ConnectCost): number => cpuMsPerConnect;
    const speed = ({ perSecond }: ConnectCost): number => perSecond;
    return {
      ratios: {
        cpu_with_auth_vs_without: rounds.ratio('with auth', 'without', cpu),
        connects_with_auth_vs_without: rounds.ratio('with auth', 'without', speed),
      },
      figures: [
        ...rounds.figures('CPU of the whole runtime per connect', 'ms', cpu),
        ...rounds.figures('connections, 16 in flight', '1/s', speed),
      ],
    };
  },
};

/** Starts a variant in separate processes, and warms it. The template with `auth` names the port of its issuer. */
async function open({ runtime, worker }: Scene, variant: Variant, directory: string): Promise<Side> {
  const port = await freePort();
  const auth = variant === 'with auth' ? { ...issuerFacts(port) } : 'off';
  const assembly = await synthesizeOf(HERE, directory, { rateLimits: 'off', auth });
  const { pid, url } = await runtime({ assembly, port });
  const protocols = variant === 'with auth' ? [PROTOCOL, `token.${await tokenOf(port)}`] : [PROTOCOL];
  const clients = worker<ConnectCommands>(new URL('connect-worker.ts', import.meta.url));
  await clients.call('connect', { url, protocols, count: WARM_CONNECTIONS, inFlight: IN_FLIGHT });
  return { pid, url, protocols, clients };
}

/** Gets a token that permits to subscribe, from the runtime's own issuer. */
async function tokenOf(port: number): Promise<string> {
  const body = JSON.stringify({ sub: 'ann', subscribe: ['*'] });
  const response = await fetch(`http://127.0.0.1:${port}/_runtime/tokens`, { method: 'POST', body });
  const { token }: { token: string } = JSON.parse(await response.text());
  return token;
}

async function measure(sides: ReadonlyMap<Variant, Side>, variant: Variant): Promise<ConnectCost> {
  const side = sides.get(variant);
  if (side === undefined) throw new Error(`Nobody connects ${variant}.`);
  const { pid, clients, ...target } = side;
  const beganCpuMs = treeCpuMs(pid);
  const perSecond = await clients.call('connect', { ...target, count: CONNECTIONS, inFlight: IN_FLIGHT });
  await sleep(SETTLE_MS);
  return { perSecond, cpuMsPerConnect: (treeCpuMs(pid) - beganCpuMs) / CONNECTIONS };
}
