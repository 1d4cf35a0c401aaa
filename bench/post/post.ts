import { inRounds } from '../harness/rounds.ts';
import type { Bench } from '../model.ts';
import { inScene, type Scene } from '../load/scene.ts';
import type { Worker } from '../processes/start-worker.ts';
import type { PostCommands, PostCost, PostVariant } from './post-worker.ts';
import type { StubCommands } from './stub-worker.ts';

/** Many short ones, by turns: what else the machine does then meets all variants alike. */
const ROUNDS = 11;
const MEASURED_MS = 300;
const IN_FLIGHT = 64;
/** A Lambda that posts is warm, and compiled. */
const WARM_MS = 1_500;
const VARIANTS: readonly PostVariant[] = ['floor', 'ours', 'sdk-tuned', 'sdk-default'];

/** As a Lambda has them: temporary ones, so with a token. */
const ENVIRONMENT = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'ASIALOCALEXAMPLE0000',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: 'local',
} as const;

export const POST: Bench = {
  name: 'post',
  summary: 'one post to @connections: no signature, ours, the official client tuned and as it comes',
  run: async ({ progress }) => {
    const rounds = await inScene(async (scene) => {
      const posters = new Map<PostVariant, Worker<PostCommands>>();
      for (const variant of VARIANTS) posters.set(variant, await open(scene, variant));
      return inRounds({
        variants: VARIANTS,
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
      },
      figures: [...rounds.figures('CPU per post', 'µs', cpu), ...rounds.figures('posts', '1/s', speed)],
    };
  },
};

const cpu = ({ cpuUsPerPost }: PostCost): number => cpuUsPerPost;
const speed = ({ perSecond }: PostCost): number => perSecond;

/** In a process of its own, against an endpoint of its own. */
async function open({ worker }: Scene, variant: PostVariant): Promise<Worker<PostCommands>> {
  const stub = worker<StubCommands>(new URL('stub-worker.ts', import.meta.url));
  const callbackUrl = `http://127.0.0.1:${await stub.call('listen', undefined)}/live`;
  const poster = worker<PostCommands>(new URL('post-worker.ts', import.meta.url), { environment: ENVIRONMENT });
  await poster.call('open', { variant, callbackUrl });
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
