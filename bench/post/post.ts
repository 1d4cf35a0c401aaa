import { inRounds } from '../harness/rounds.ts';
import type { Bench } from '../model.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Worker } from '../processes/start-worker.ts';
import { createLocalhostCertificate } from './localhost-certificate.ts';
import type { PostCommands, PostCost } from './post-worker.ts';
import type { StubCommands } from './stub-worker.ts';

/** The number of rounds: many short ones by turns, in which the rest of the machine's load meets all variants alike. */
const ROUNDS = 11;
const MEASURED_MS = 300;
const IN_FLIGHT = 64;
/** Time in ms of a first run that is not measured: a Lambda that posts is warm, and its code compiled. */
const WARM_MS = 3_000;

/** The variants: each method over TCP, and those that the deployed case decides between over TLS as well. */
const VARIANTS = {
  floor: { method: 'floor', isTls: false },
  undici: { method: 'undici', isTls: false },
  ours: { method: 'ours', isTls: false },
  'sdk-tuned': { method: 'sdk-tuned', isTls: false },
  'sdk-default': { method: 'sdk-default', isTls: false },
  'floor-tls': { method: 'floor', isTls: true },
  'undici-tls': { method: 'undici', isTls: true },
  'ours-tls': { method: 'ours', isTls: true },
  'sdk-tls': { method: 'sdk', isTls: true },
} as const;

type PostVariant = keyof typeof VARIANTS;

const NAMES = Object.keys(VARIANTS).filter((name): name is PostVariant => name in VARIANTS);

/** The environment of a Lambda: its credentials are temporary, and have a token. */
const ENVIRONMENT = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'ASIALOCALEXAMPLE0000',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: 'local',
} as const;

/** The bench `post`: the cost of one post, beside undici and the official client. */
export const POST: Bench = {
  name: 'post',
  summary: 'one post to @connections, over TCP and TLS: unsigned, by undici, ours, by the official client',
  run: async ({ progress }) => {
    const rounds = await inScene(async (scene) => {
      const posters = new Map<PostVariant, Worker<PostCommands>>();
      for (const variant of NAMES) posters.set(variant, await open(scene, variant));
      return inRounds({
        variants: NAMES,
        rounds: ROUNDS,
        measure: (variant) => measure(posters, variant),
        progress,
      });
    });
    return {
      ratios: {
        cpu_vs_floor: rounds.ratio('ours', 'floor', cpu),
        throughput_vs_sdk_default: rounds.ratio('ours', 'sdk-default', speed),
        throughput_vs_sdk_tuned: rounds.ratio('ours', 'sdk-tuned', speed),
        undici_cpu_vs_ours: rounds.ratio('undici', 'ours', cpu),
        undici_cpu_vs_ours_tls: rounds.ratio('undici-tls', 'ours-tls', cpu),
        sdk_cpu_vs_ours_tls: rounds.ratio('sdk-tls', 'ours-tls', cpu),
      },
      figures: [...rounds.figures('CPU per post', 'µs', cpu), ...rounds.figures('posts', '1/s', speed)],
    };
  },
};

const cpu = ({ cpuUsPerPost }: PostCost): number => cpuUsPerPost;
const speed = ({ perSecond }: PostCost): number => perSecond;

/** Starts a variant in a separate process, against a separate endpoint. */
async function open({ worker }: Scene, variant: PostVariant): Promise<Worker<PostCommands>> {
  const stub = worker<StubCommands>(new URL('stub-worker.ts', import.meta.url));
  const { method, isTls } = VARIANTS[variant];
  const certificate = isTls ? createLocalhostCertificate() : undefined;
  const port = await stub.call('listen', { certificate });
  const callbackUrl = `${isTls ? 'https' : 'http'}://127.0.0.1:${port}/live`;
  const poster = worker<PostCommands>(new URL('post-worker.ts', import.meta.url), { environment: ENVIRONMENT });
  await poster.call('open', { method, callbackUrl, certificate: certificate?.cert });
  await poster.call('post', { inFlight: IN_FLIGHT, durationMs: WARM_MS });
  return poster;
}

async function measure(
  posters: ReadonlyMap<PostVariant, Worker<PostCommands>>,
  variant: PostVariant,
): Promise<PostCost> {
  const poster = posters.get(variant);
  if (poster === undefined) throw new Error(`Nobody posts as ${variant}.`);
  return poster.call('post', { inFlight: IN_FLIGHT, durationMs: MEASURED_MS });
}
