import { inRounds } from '../harness/rounds.ts';
import type { Bench } from '../model.ts';
import { inScene } from '../load/scene.ts';
import type { PostCommands, PostCost, PostVariant } from './post-worker.ts';
import type { StubCommands } from './stub-worker.ts';

const ROUNDS = 5;
const IN_FLIGHT = 64;
const WARM_MS = 400;
const MEASURED_MS = 1_000;
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
    const rounds = await inRounds({ variants: VARIANTS, rounds: ROUNDS, measure, progress });
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

const measure = (variant: PostVariant): Promise<PostCost> =>
  inScene(async ({ worker }) => {
    const stub = worker<StubCommands>(new URL('stub-worker.ts', import.meta.url));
    const callbackUrl = `http://127.0.0.1:${await stub.call('listen', undefined)}/live`;
    const poster = worker<PostCommands>(new URL('post-worker.ts', import.meta.url), { environment: ENVIRONMENT });
    const load = { variant, callbackUrl, inFlight: IN_FLIGHT, warmMs: WARM_MS, measuredMs: MEASURED_MS };
    return poster.call('load', load);
  });
