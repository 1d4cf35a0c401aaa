import { monotonicMs } from '../harness/clock.ts';
import { serve } from '../processes/serve.ts';
import { POST_VARIANTS } from './variants.ts';

export type PostVariant = keyof typeof POST_VARIANTS;

export interface PostLoad {
  readonly variant: PostVariant;
  readonly callbackUrl: string;
  readonly inFlight: number;
  readonly warmMs: number;
  readonly measuredMs: number;
}

export interface PostCost {
  readonly perSecond: number;
  readonly cpuUsPerPost: number;
}

const BODY_BYTES = 200;
const MS_PER_SECOND = 1_000;

const commands = {
  /** Posts for a while, so many at once, and says what that took of this process. */
  load: async ({ variant, callbackUrl, inFlight, warmMs, measuredMs }: PostLoad): Promise<PostCost> => {
    const post = POST_VARIANTS[variant]({ callbackUrl, connectionId: 'JNqaFd1mIAMCKxA=' });
    const body = JSON.stringify({ text: 'x'.repeat(BODY_BYTES - '{"text":""}'.length) });
    const postFor = async (durationMs: number): Promise<number> => {
      const endMs = monotonicMs() + durationMs;
      let posts = 0;
      const lane = async (): Promise<void> => {
        for (; monotonicMs() < endMs; posts++) await post(body);
      };
      await Promise.all(Array.from({ length: inFlight }, lane));
      return posts;
    };
    await postFor(warmMs);
    const [beganMs, cpu] = [monotonicMs(), process.cpuUsage()];
    const posts = await postFor(measuredMs);
    const { user, system } = process.cpuUsage(cpu);
    return { perSecond: (posts * MS_PER_SECOND) / (monotonicMs() - beganMs), cpuUsPerPost: (user + system) / posts };
  },
};

export type PostCommands = typeof commands;

serve(commands);
