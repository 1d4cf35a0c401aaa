import { freePort } from '../../local/ports.ts';
import { loadAssembly } from '../../local/assembly/load-assembly.ts';
import { inRounds } from '../harness/rounds.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Bench } from '../model.ts';
import { runtimeInfo } from '../processes/start-runtime.ts';
import type { AckCommands } from './acks-worker.ts';
import type { ProxyCommands } from './counting-proxy-worker.ts';
import type { HandlerCommands } from './handler-worker.ts';

const ROUNDS = 3;
const PUBLISHES = 500;
const WARM_PUBLISHES = 1_500;
const ACKS_WARM_MS = 1_500;
const ACKS_MS = 1_500;
const IN_FLIGHT = 64;
const PUBLISH = 'FunctionsPublish';

interface Figures {
  readonly callsPerPublish: number;
  readonly cpuMsPerPublish: number;
  readonly acksPerSecond: number;
}

/** The bench of the publish route. */
export const PUBLISH_BENCH: Bench = {
  name: 'publish',
  summary:
    'the publish route: DynamoDB calls and CPU of its own bundle, counted at a proxy; acks through the whole runtime',
  run: async ({ assembly, progress }) => {
    const directory = await assembly();
    const rounds = await inRounds<'publish', Figures>({
      variants: ['publish'],
      rounds: ROUNDS,
      measure: () => inScene((scene) => measure(scene, directory)),
      progress,
    });
    const calls = ({ callsPerPublish }: Figures): number => callsPerPublish;
    return {
      ratios: { dynamodb_calls: rounds.values('publish', calls) },
      figures: [
        ...rounds.figures('CPU of the warm Lambda per publish', 'ms', ({ cpuMsPerPublish }) => cpuMsPerPublish),
        ...rounds.figures('acks, 64 in flight, through the whole runtime', '1/s', ({ acksPerSecond }) => acksPerSecond),
      ],
    };
  },
};

async function measure({ runtime, worker }: Scene, assembly: string): Promise<Figures> {
  const { url } = await runtime({ assembly });
  const { endpoints } = await runtimeInfo(url);
  const proxy = worker<ProxyCommands>(new URL('counting-proxy-worker.ts', import.meta.url));
  const port = await proxy.call('listen', { engineUrl: endpoints.dynamodb });
  const { region, functions } = loadAssembly(assembly, { port: await freePort() });
  const model = functions.find(({ logicalId }) => logicalId.startsWith(PUBLISH));
  if (model === undefined) throw new Error(`The assembly has no function ${PUBLISH}.`);
  const environment = {
    ...model.environment,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
  };
  const lambda = worker<HandlerCommands>(new URL('handler-worker.ts', import.meta.url), { environment });
  await lambda.call('load', { directory: model.codeDirectory });
  await lambda.call('publish', { topic: 'bench', times: WARM_PUBLISHES });
  await proxy.call('take', undefined);
  const cpuMs = await lambda.call('publish', { topic: 'bench', times: PUBLISHES });
  const calls = Object.values(await proxy.call('take', undefined)).reduce((total, count) => total + count, 0);
  const acks = worker<AckCommands>(new URL('acks-worker.ts', import.meta.url));
  const acksPerSecond = await acks.call('publish', {
    url,
    inFlight: IN_FLIGHT,
    warmMs: ACKS_WARM_MS,
    measuredMs: ACKS_MS,
  });
  return { callsPerPublish: calls / PUBLISHES, cpuMsPerPublish: cpuMs / PUBLISHES, acksPerSecond };
}
